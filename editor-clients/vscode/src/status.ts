// Where this editor is connected to, always in sight.

import * as vscode from "vscode";
import type { Status } from "./messages";
import { plain } from "./plain";
import type { LiveSession } from "./session";
import { tellError } from "./telling";

const ICONS: Record<Status["connection"], string> = {
  off: "circle-slash",
  connecting: "sync~spin",
  connected: "broadcast",
  offline: "warning",
  refused: "error",
};

export function registerStatus(session: LiveSession, start: () => Promise<void>): vscode.Disposable[] {
  const item = vscode.window.createStatusBarItem("livebreak.status", vscode.StatusBarAlignment.Left);
  item.name = "LiveBreak";
  item.command = "livebreak.showStatus";
  return [
    item,
    session.onStatus((status) => showStatus(item, status)),
    vscode.commands.registerCommand("livebreak.showStatus", () => tellStatus(session, start)),
  ];
}

async function tellStatus(session: LiveSession, start: () => Promise<void>): Promise<void> {
  if (!session.isRunning) return start();
  try {
    void vscode.window.showInformationMessage(`LiveBreak: ${plain((await session.askStatus()).message)}`);
  } catch (error) {
    tellError(error);
  }
}

function showStatus(item: vscode.StatusBarItem, status: Status): void {
  const isBad = status.connection === "offline" || status.connection === "refused";
  item.text = `$(${ICONS[status.connection]}) LiveBreak: ${plain(status.connection === "connected" ? (status.project ?? "connected") : status.connection)}`;
  item.tooltip = plain(status.message);
  item.backgroundColor = isBad ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  item.show();
}
