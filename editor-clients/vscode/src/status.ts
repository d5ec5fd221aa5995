// Where this editor is connected to, always in sight.

import * as vscode from "vscode";
import { plain } from "./decorations";
import type { Status } from "./messages";

const ICONS: Record<Status["connection"], string> = {
  off: "circle-slash",
  connecting: "sync~spin",
  connected: "broadcast",
  offline: "warning",
  refused: "error",
};

export function showStatus(item: vscode.StatusBarItem, status: Status): void {
  const isBad = status.connection === "offline" || status.connection === "refused";
  item.text = `$(${ICONS[status.connection]}) LiveBreak: ${plain(status.connection === "connected" ? (status.project ?? "connected") : status.connection)}`;
  item.tooltip = plain(status.message);
  item.backgroundColor = isBad ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  item.show();
}
