// Breakpoints of whose hits somebody does not want to be told; remembered for the workspace.

import * as vscode from "vscode";

const KEY = "livebreak.muted";
/** Breakpoints expire after hours, and are seldom unmuted before: the oldest are forgotten. */
const MOST = 500;

export class Mutes implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<void>();
  private readonly ids: Set<string>;

  readonly onChange = this.emitter.event;

  constructor(private readonly memory: vscode.Memento) {
    this.ids = new Set(memory.get<string[]>(KEY, []));
  }

  has(breakpointId: string): boolean {
    return this.ids.has(breakpointId);
  }

  async set(breakpointId: string, isMuted: boolean): Promise<void> {
    if (isMuted) this.ids.add(breakpointId);
    else this.ids.delete(breakpointId);
    this.emitter.fire();
    await this.memory.update(KEY, [...this.ids].slice(-MOST));
  }

  dispose(): void {
    this.emitter.dispose();
  }
}
