// vscode://livebreak.livebreak/hit/ID opens a hit that a teammate shares. A link is anybody's: it is shown, and decides nothing.

import * as vscode from "vscode";
import { debugHit } from "./debugger";
import { inert } from "./plain";
import type { LiveSession } from "./session";
import { readLink } from "./targets";
import { tellError } from "./telling";

export function registerLinks(session: LiveSession): vscode.Disposable[] {
  return [vscode.window.registerUriHandler({ handleUri: (uri) => follow(session, uri) })];
}

async function follow(session: LiveSession, uri: vscode.Uri): Promise<void> {
  const link = readLink(uri.path, uri.query);
  if (!link) return void vscode.window.showWarningMessage("LiveBreak: this link is none of a hit or a backend.");
  if (link.host !== undefined) {
    const isThere = await vscode.commands.executeCommand<boolean>("livebreak.connectTo", link.host, link.project);
    if (!isThere) return;
  } else if (!isConnected(session)) {
    const answer = await vscode.window.showInformationMessage("LiveBreak: connect first, to the backend that holds the hit.", "Connect...");
    if (answer) await vscode.commands.executeCommand("livebreak.connect");
    if (!isConnected(session)) return;
  }
  if (link.kind === "hit") await open(session, link.hit);
}

function isConnected(session: LiveSession): boolean {
  return session.status?.connection === "connected";
}

/** The innermost frame that is in this workspace, and the hit in the debug view. */
async function open(session: LiveSession, id: string): Promise<void> {
  try {
    const hit = await session.hit(id);
    const frame = hit.frames.find((one) => one.uri !== undefined);
    if (frame?.uri !== undefined) {
      const line = new vscode.Range(frame.line, 0, frame.line, 0);
      await vscode.window.showTextDocument(vscode.Uri.parse(frame.uri), { selection: line });
    } else {
      void vscode.window.showWarningMessage(`LiveBreak: ${inert(hit.frames[0]?.filename ?? "the hit's file")} is not in this workspace.`);
    }
    await debugHit(hit.id, inert(frame?.filename ?? "hit"));
  } catch (error) {
    tellError(error);
  }
}
