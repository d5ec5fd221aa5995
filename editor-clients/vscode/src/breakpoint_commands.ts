// What can be done with a breakpoint of the LiveBreak view. A teammate's is changed only after a question that names them.

import * as vscode from "vscode";
import type { TextDocuments } from "./documents";
import { nameOf } from "./labels";
import type { BreakpointState } from "./messages";
import type { Mutes } from "./mutes";
import { type BreakpointNode, type Node, type VariableNode, breakpointOf } from "./nodes";
import { inert } from "./plain";
import type { LiveSession } from "./session";
import { tellError } from "./telling";
import type { HitView } from "./view";

export function registerBreakpointCommands(
  session: LiveSession,
  view: HitView,
  mutes: Mutes,
  documents: TextDocuments,
): vscode.Disposable[] {
  const command = (name: string, run: (node: BreakpointNode, of: Node) => Promise<unknown>) =>
    vscode.commands.registerCommand(`livebreak.view.${name}`, (...given: [Node?]) => {
      const of = view.meant(given, "a breakpoint");
      const node = of && breakpointOf(of);
      if (of && node) return run(node, of).catch(tellError);
      if (of) void vscode.window.showInformationMessage("LiveBreak: select a breakpoint in the LiveBreak view first.");
      return undefined;
    });
  const change = (name: string, verb: string) => command(name, (node) => changeIt(session, node, `livebreak.${name}`, verb));
  return [
    change("enable", "Enable"),
    change("disable", "Disable"),
    change("renew", "Renew"),
    change("remove", "Remove"),
    command("follow", (node) => session.execute("livebreak.follow", target(node))),
    command("unfollow", (node) => session.execute("livebreak.unfollow", target(node))),
    command("why", (node) => why(session, documents, node)),
    command("mute", (node) => mutes.set(node.entry.breakpoint.id, true)),
    command("unmute", (node) => mutes.set(node.entry.breakpoint.id, false)),
    command("onlyThisValue", (node, of) => onlyThisValue(session, node, of as VariableNode)),
  ];
}

function target(node: BreakpointNode): { uri: string; id: string } {
  if (node.entry.uri === undefined) throw new Error(`${inert(node.entry.filename)} is not in this workspace.`);
  return { uri: node.entry.uri, id: node.entry.breakpoint.id };
}

async function changeIt(session: LiveSession, node: BreakpointNode, command: string, verb: string): Promise<void> {
  const { breakpoint } = node.entry;
  const about = target(node);
  if (breakpoint.mine) return session.execute(command, about);
  const owner = breakpoint.owner ?? "somebody else";
  const place = `${nameOf(node.entry.filename)}:${breakpoint.line + 1}`;
  const answer = await vscode.window.showWarningMessage(
    `${verb} ${inert(owner)}'s live breakpoint at ${place}?`,
    { modal: true, detail: `It is ${inert(owner)}'s, who may be waiting for its hits.` },
    `${verb} ${inert(owner)}'s Breakpoint`,
  );
  if (answer) await session.execute(command, breakpoint.owner === undefined ? about : { ...about, owner: breakpoint.owner });
}

async function why(session: LiveSession, documents: TextDocuments, node: BreakpointNode): Promise<void> {
  const text = await session.execute<string>("livebreak.why", target(node));
  await documents.show(`Why no hits at ${nameOf(node.entry.filename)}:${node.entry.breakpoint.line + 1}.txt`, text);
}

/** Give the breakpoint the condition that a variable has the value that it had in this hit. */
async function onlyThisValue(session: LiveSession, node: BreakpointNode, of: VariableNode): Promise<void> {
  const { breakpoint } = node.entry;
  const { uri } = target(node);
  if (!breakpoint.mine) throw new Error(`this breakpoint is ${inert(breakpoint.owner ?? "somebody else")}'s; follow it, or extend its condition.`);
  const condition = joined(breakpoint, of.variable.equals);
  if (condition === undefined) throw new Error("this value is not one that a condition can name.");
  const { logMessage } = breakpoint;
  await session.execute("livebreak.add", { uri, line: breakpoint.line, condition, ...(logMessage === undefined ? {} : { logMessage }) });
  vscode.window.setStatusBarMessage(`$(check) LiveBreak: only if ${inert(condition).replaceAll("$(", "$ (")}`, 5000);
}

function joined(breakpoint: BreakpointState, equals: string | undefined): string | undefined {
  if (equals === undefined || !breakpoint.condition || breakpoint.condition === equals) return equals;
  return `(${breakpoint.condition}) and (${equals})`;
}
