// What can be done with a hit of the LiveBreak view: opened, copied, exported, compared, searched for.

import { randomBytes } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { sidesOf } from "./comparison";
import { debugHit } from "./debugger";
import type { TextDocuments } from "./documents";
import { nameOf, timeOf } from "./labels";
import { type BreakpointNode, type Direction, type HitNode, type MoreNode, type Node, type VariableNode, hitOf } from "./nodes";
import { inert } from "./plain";
import type { LiveSession } from "./session";
import { linkTo } from "./targets";
import { tellError } from "./telling";
import type { HitView } from "./view";

/** Hits of one export: each is fetched whole. */
const MOST_EXPORTED = 500;

export function registerHitCommands(session: LiveSession, view: HitView, documents: TextDocuments): vscode.Disposable[] {
  const command = <T extends Node>(name: string, run: (node: T, nodes: readonly Node[]) => Promise<unknown>) =>
    vscode.commands.registerCommand(`livebreak.view.${name}`, (...given: [T?, (readonly Node[])?]) => {
      const meant = view.meant(given, "something") as T | undefined;
      return meant && run(meant, given[1] ?? [meant]).catch(tellError);
    });
  return [
    vscode.commands.registerCommand("livebreak.view.showMore", (node: MoreNode["parent"], direction: Direction) =>
      view.showMore(node, direction).catch(tellError),
    ),
    command("openLine", (node: Node) => openLine(session, node)),
    command("debugHit", (node: Node) => debug(node)),
    command("copyHit", async (node: Node) => copy(await session.execute<string>("livebreak.copyHit", { id: idOf(node) }))),
    command("copyReference", async (node: Node) => copy(await session.execute<string>("livebreak.shareHit", { id: idOf(node) }))),
    command("copyLink", (node: Node) => copy(linkTo(vscode.env.uriScheme, idOf(node), session.status?.host))),
    command("copyValue", (node: VariableNode) => copy(node.variable.text)),
    command("copyExpression", (node: VariableNode) => copy(node.variable.expression ?? node.variable.name)),
    command("export", (node: BreakpointNode | HitNode) => exportHits(session, view, node)),
    command("comparePrevious", (node: Node) => compare(session, documents, idOf(node), undefined)),
    command("compareSelected", (_: Node, nodes) => compareSelected(session, documents, nodes)),
    command("findSame", async (node: VariableNode) => node.variable.equals && view.filter(node.variable.equals)),
  ];
}

function idOf(node: Node): string {
  const hit = hitOf(node);
  if (!hit) throw new Error("select a hit in the LiveBreak view first.");
  return hit.hit.id;
}

async function copy(text: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage("$(check) LiveBreak: copied", 2000);
}

/** A breakpoint's line, or a frame's as it is now. */
async function openLine(session: LiveSession, node: Node): Promise<void> {
  if (node.kind === "breakpoint") return open(node.entry.uri, node.entry.breakpoint.line);
  if (node.kind === "frame") return open(node.frame.uri, node.frame.line);
  const whole = await session.hit(idOf(node));
  return open(whole.frames[0]?.uri, whole.frames[0]?.line ?? 0);
}

async function open(uri: string | undefined, line: number): Promise<void> {
  if (uri === undefined) throw new Error("this file is not in the workspace.");
  const at = new vscode.Range(line, 0, line, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection: at, preview: true, preserveFocus: true });
}

async function debug(node: Node): Promise<void> {
  const hit = hitOf(node);
  const id = hit?.hit.id ?? (node.kind === "breakpoint" ? node.entry.newest?.id : undefined);
  if (id === undefined) throw new Error("this breakpoint has no hit yet.");
  await debugHit(id, placeOf(hit?.parent ?? (node as BreakpointNode)));
}

function placeOf(node: BreakpointNode): string {
  return `${nameOf(node.entry.filename)}:${node.entry.breakpoint.line + 1}`;
}

// --- comparing

async function compareSelected(session: LiveSession, documents: TextDocuments, nodes: readonly Node[]): Promise<void> {
  const hits = [...new Set(nodes.flatMap((node) => hitOf(node) ?? []))];
  const [one, other] = hits;
  if (hits.length !== 2 || !one || !other) throw new Error("select two hits to compare them.");
  const [newer, older] = one.hit.timestamp >= other.hit.timestamp ? [one, other] : [other, one];
  await compare(session, documents, newer.hit.id, older.hit.id);
}

async function compare(session: LiveSession, documents: TextDocuments, newer: string, older: string | undefined): Promise<void> {
  const result = await session.compareHits(older === undefined ? { newer } : { newer, older });
  if (result.older === undefined) throw new Error("there is no hit before this one.");
  if (result.rows.length === 0) return void vscode.window.showInformationMessage("LiveBreak: the two hits hold the same values.");
  const [before, after] = await Promise.all([session.hit(result.older), session.hit(result.newer)]);
  const top = after.frames[0];
  const place = top ? `${nameOf(top.filename)}:${top.line + 1}` : "hit";
  const now = new Date();
  const sides = sidesOf(result);
  const [left, right] = [documents.put(`${place} before.py`, sides.before), documents.put(`${place} after.py`, sides.after)];
  const title = `${place}: ${timeOf(before.timestamp, now)} ↔ ${timeOf(after.timestamp, now)}`;
  await vscode.commands.executeCommand("vscode.diff", left, right, title, { preview: true });
}

// --- exporting

async function exportHits(session: LiveSession, view: HitView, node: BreakpointNode | HitNode): Promise<void> {
  const place = placeOf(node.kind === "hit" ? node.parent : node).replace(":", "-");
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = node.kind === "hit" ? `${place}-${node.hit.id.slice(0, 8)}.json` : `${place}.json`;
  const target = await vscode.window.showSaveDialog({
    title: "LiveBreak: export hits",
    filters: { "Hits of LiveBreak": ["json"] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
  if (!target) return;
  const text = node.kind === "hit" ? await session.execute<string>("livebreak.copyHit", { id: node.hit.id }) : await several(session, view, node);
  if (text === undefined) return;
  await write(target, text);
  const answer = await vscode.window.showInformationMessage(`LiveBreak: exported to ${inert(path.basename(target.path))}.`, "Open");
  if (answer) await vscode.window.showTextDocument(target);
}

/** The hits of a breakpoint for which the filter is true; undefined if somebody cancelled it. */
async function several(session: LiveSession, view: HitView, node: BreakpointNode): Promise<string | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title: "LiveBreak: exporting hits", cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    const ids: string[] = [];
    const about = { breakpointId: node.entry.breakpoint.id, limit: 200, ...(view.tree.where === undefined ? {} : { where: view.tree.where }) };
    for (let page = await session.hitList(about); ; ) {
      ids.push(...page.hits.map((hit) => hit.id));
      const from = page.complete === false && page.cursor ? { cursor: page.cursor } : page.hasOlder && ids.length ? { olderThan: ids.at(-1) as string } : undefined;
      if (!from || ids.length >= MOST_EXPORTED || token.isCancellationRequested) break;
      page = await session.hitList({ ...about, ...from });
    }
    const wanted = ids.slice(0, MOST_EXPORTED);
    const hits: unknown[] = [];
    let head: { format?: number; breakpoint?: unknown } = {};
    for (const id of wanted) {
      if (token.isCancellationRequested) return undefined;
      head = JSON.parse(await session.execute<string>("livebreak.copyHit", { id }));
      hits.push((head as { hit?: unknown }).hit);
      progress.report({ message: `${hits.length} of ${wanted.length}`, increment: 100 / wanted.length });
    }
    if (!hits.length) throw new Error("there is no hit to export.");
    if (ids.length > wanted.length)
      void vscode.window.showWarningMessage(`LiveBreak: only the newest ${MOST_EXPORTED} hits are exported; \`livebreak hits export\` takes all.`);
    return JSON.stringify({ format: head.format, hits, breakpoints: head.breakpoint ? [head.breakpoint] : [] }, undefined, 2);
  });
}

/** It holds what was captured in production: for nobody else to read. */
async function write(target: vscode.Uri, text: string): Promise<void> {
  if (target.scheme !== "file") return vscode.workspace.fs.writeFile(target, Buffer.from(text));
  const part = `${target.fsPath}.${randomBytes(6).toString("hex")}.new`;
  await fs.writeFile(part, text, { mode: 0o600, flag: "wx" });
  await fs.rename(part, target.fsPath);
}
