// Live mode: whether VS Code's own breakpoints are armed in running processes. Off until the user says otherwise.

import * as vscode from "vscode";
import { pythonDots } from "./native";
import { plain } from "./plain";
import type { LiveSession } from "./session";

export class LiveMode implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<boolean>();
  private on = false;

  readonly onChange = this.emitter.event;

  get isOn(): boolean {
    return this.on;
  }

  set(isOn: boolean): void {
    if (isOn === this.on) return;
    this.on = isOn;
    void vscode.commands.executeCommand("setContext", "livebreak.isLive", isOn);
    this.emitter.fire(isOn);
  }

  dispose(): void {
    this.emitter.dispose();
  }
}

export function registerLive(session: LiveSession, live: LiveMode): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand("livebreak.goLive", async () => {
      // Where nothing is connected there is nothing to go live with; that is said by what asks for it.
      if (session.status?.connection === "off") await vscode.commands.executeCommand("livebreak.connect");
      else await goLive(session, live);
    }),
    vscode.commands.registerCommand("livebreak.stopLive", () => live.set(false)),
  ];
}

async function goLive(session: LiveSession, live: LiveMode): Promise<void> {
  const count = pythonDots().length;
  const status = await session.askStatus().catch(() => undefined);
  const where = status?.project ? `${status.project} at ${status.host}` : "the running processes";
  const answer = await vscode.window.showWarningMessage(
    `Arm VS Code's breakpoints in Python files (${count} now) in ${plain(where)}, and follow them until this window is closed?`,
    { modal: true, detail: "Processes there do not stop; what their lines hold comes back into this editor." },
    "Go Live",
  );
  if (answer) live.set(true);
}
