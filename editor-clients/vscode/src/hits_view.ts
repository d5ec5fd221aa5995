// The LiveBreak view and all that belongs to it, wired.

import * as vscode from "vscode";
import { registerBreakpointCommands } from "./breakpoint_commands";
import { DEBUG_HIT, SHOW_TEXT, SHOW_WHERE } from "./command_results";
import { debugHit } from "./debugger";
import { TextDocuments, registerDocuments } from "./documents";
import { registerFilterBox } from "./filter_box";
import { registerHitCommands } from "./hit_commands";
import { Mutes } from "./mutes";
import { registerNotify } from "./notify";
import { Paced } from "./paced";
import type { LiveSession } from "./session";
import { tellError } from "./telling";
import { HitView, VIEW } from "./view";

/** Between two times that counts are drawn. */
const COUNT_MS = 200;

export function registerHitsView(context: vscode.ExtensionContext, session: LiveSession): vscode.Disposable[] {
  const mutes = new Mutes(context.workspaceState);
  const view = new HitView(session, mutes);
  const documents = new TextDocuments();
  // The lines have their counts by then, and it would look as if one of both were wrong.
  const counts = new Map<string, number>();
  const counting = new Paced(() => {
    if (view.isVisible) view.tree.counted(counts);
    counts.clear();
  }, COUNT_MS);
  view.followStatus();
  return [
    mutes,
    view,
    ...registerDocuments(documents),
    ...registerFilterBox(session, view),
    ...registerHitCommands(session, view, documents),
    ...registerBreakpointCommands(session, view, mutes, documents),
    ...registerNotify(session, view, mutes),
    session.onStatus(() => view.followStatus()),
    session.onStarted(() => view.followStatus()),
    session.onGone(() => view.followStatus()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => view.followStatus()),
    session.onChanged(() => view.refreshSoon()),
    counting,
    session.onHits(({ breakpointId, count }) => {
      counts.set(breakpointId, count);
      counting.soon();
    }),
    vscode.commands.registerCommand("livebreak.view.refresh", () => view.refresh()),
    vscode.commands.registerCommand(SHOW_TEXT, (name: string, text: string) => documents.show(name, text)),
    vscode.commands.registerCommand(DEBUG_HIT, ({ id }: { id: string }) => debugHit(id, "hit").catch(tellError)),
    vscode.commands.registerCommand(SHOW_WHERE, (where: string) => showWhere(view, where).catch(tellError)),
  ];
}

async function showWhere(view: HitView, where: string): Promise<void> {
  await vscode.commands.executeCommand(`${VIEW}.focus`);
  await view.filter(where);
}
