// Where this window is connected to, always in sight: target, state and counts. A click toggles live mode.

import * as vscode from "vscode";
import type { LiveMode } from "./live";
import type { LiveSession } from "./session";
import { looksOf, type StatusLooks } from "./status_looks";
import { inert } from "./plain";
import { tellError } from "./telling";

export function registerStatus(session: LiveSession, live: LiveMode): vscode.Disposable[] {
  const item = vscode.window.createStatusBarItem("livebreak.status", vscode.StatusBarAlignment.Left);
  item.name = "LiveBreak";
  const show = () => draw(item, looksOf(session.status, { isLive: live.isOn, isTrusted: vscode.workspace.isTrusted, isRunning: session.isRunning, isGone: session.isGone }));
  const connected = () => void vscode.commands.executeCommand("setContext", "livebreak.isConnected", (session.status?.connection ?? "off") !== "off");
  show();
  return [
    item,
    session.onStatus((status) => {
      // A session that goes nowhere arms nothing.
      if (status.connection === "off") live.set(false);
      connected();
      show();
    }),
    session.onStarted(show),
    session.onGone(() => {
      connected();
      show();
    }),
    live.onChange(show),
    vscode.workspace.onDidGrantWorkspaceTrust(show),
    vscode.commands.registerCommand("livebreak.toggleLive", () => toggle(session, live)),
    vscode.commands.registerCommand("livebreak.showStatus", () => tell(session)),
  ];
}

function draw(item: vscode.StatusBarItem, looks: StatusLooks): void {
  item.text = looks.text;
  item.command = looks.command;
  item.backgroundColor = looks.colour === undefined ? undefined : new vscode.ThemeColor(`statusBarItem.${looks.colour}Background`);
  // Everything in it is written as text: names come from the backend.
  const tooltip = new vscode.MarkdownString();
  for (const line of looks.tooltip) tooltip.appendText(line).appendMarkdown("\n\n");
  item.tooltip = tooltip;
  item.accessibilityInformation = { label: looks.tooltip.join(" ") };
  item.show();
}

async function toggle(session: LiveSession, live: LiveMode): Promise<void> {
  if (live.isOn) return void vscode.commands.executeCommand("livebreak.stopLive");
  const isOff = (session.status?.connection ?? "off") === "off";
  await vscode.commands.executeCommand(isOff ? "livebreak.connect" : "livebreak.goLive");
}

async function tell(session: LiveSession): Promise<void> {
  if (!session.isRunning) return void vscode.commands.executeCommand("livebreak.restartServer");
  try {
    const status = await session.askStatus();
    const answer = await vscode.window.showInformationMessage(`LiveBreak: ${inert(status.message)}`, "Connect...", "Open Log");
    if (answer) void vscode.commands.executeCommand(answer === "Open Log" ? "livebreak.openLog" : "livebreak.connect");
  } catch (error) {
    tellError(error);
  }
}
