// Live mode: whether what is clicked into the gutter is armed in running processes. Off until the user says otherwise.

import * as vscode from "vscode";
import { inert } from "./plain";
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

/** Asks first; true if live mode is on then. */
export async function goLive(session: LiveSession, live: LiveMode): Promise<boolean> {
  const status = await session.askStatus().catch(() => undefined);
  const where = status?.project ? `${status.project} at ${status.host}` : "the running processes";
  const answer = await vscode.window.showWarningMessage(
    `From now on, arm in ${inert(where)} what is clicked into the gutter of Python files?`,
    {
      modal: true,
      detail:
        "Processes there do not stop; what their lines hold comes back into this editor. Breakpoints that are in the gutter already stay local unless you arm them.",
    },
    "Go Live",
  );
  if (answer) live.set(true);
  return live.isOn;
}
