// What somebody is told who clicks a line for the first time while that arms nothing: where the next step is.

import * as vscode from "vscode";
import { HOW_IT_WORKS } from "./connect";
import type { DotSync } from "./dotSync";
import { goLive, type LiveMode } from "./live";
import { isPython, lineOf } from "./native";
import { inert } from "./plain";
import type { LiveSession } from "./session";

/** Kept for good: somebody who debugs on this machine is not to be asked in each window. */
const NEVER = "livebreak.firstClick.never";

export class FirstClick {
  private isTold = false;
  /** A dot that was set while it was not known yet where this window is connected to. */
  private early: vscode.SourceBreakpoint | undefined;

  constructor(
    private readonly memory: vscode.Memento,
    private readonly session: LiveSession,
    private readonly live: LiveMode,
    private readonly gutter: DotSync,
  ) {}

  /** A dot was set that is local; once a window it is said that it is, and what makes it live. */
  async clicked(dot: vscode.SourceBreakpoint): Promise<void> {
    const connection = this.session.status?.connection;
    if (this.isTold || this.live.isOn || this.memory.get(NEVER) || !isInFront(dot)) return;
    this.early = connection === undefined || connection === "connecting" ? dot : undefined;
    if (connection !== "connected" && connection !== "off") return;
    this.isTold = true;
    if (connection === "off") return this.tellOff();
    await this.offer(dot);
  }

  /** It is known now where this window is connected to. */
  async settled(): Promise<void> {
    if (this.early && vscode.debug.breakpoints.some((dot) => dot.id === this.early?.id)) await this.clicked(this.early);
  }

  private async tellOff(): Promise<void> {
    const text = "LiveBreak: this breakpoint is local, since this window is not connected to a backend.";
    const answer = await vscode.window.showInformationMessage(text, "Connect...", "How It Works", "Don't Ask Again");
    if (answer === "Connect...") {
      // What is clicked once it is connected is another first click.
      this.isTold = false;
      await vscode.commands.executeCommand("livebreak.connect");
    } else if (answer === "How It Works") {
      await vscode.commands.executeCommand(...HOW_IT_WORKS);
    } else if (answer) await this.memory.update(NEVER, true);
  }

  private async offer(dot: vscode.SourceBreakpoint): Promise<void> {
    const { status } = this.session;
    const name = status?.project ? `the project ${inert(status.project)}` : "the running processes";
    const where = status?.isProduction ? `${name}, which is production` : name;
    const text = `LiveBreak: this breakpoint is local. Arm it, and what you click from now on, in ${where}?`;
    const answer = await vscode.window.showInformationMessage(text, "Go Live", "Keep Local", "Don't Ask Again");
    if (answer === "Don't Ask Again") await this.memory.update(NEVER, true);
    if (answer !== "Go Live" || this.session.status?.connection !== "connected") return;
    // One question is enough where a mistake costs little; the one about production says what it means.
    if (this.session.status.isProduction) return void (await goLive(this.session, this.live));
    const there = this.gutter.dotAt(dot.location.uri.toString(), lineOf(dot));
    // Before live mode is on, which asks about those that are local still.
    if (there && !this.gutter.isLive(there)) this.gutter.arm([there]);
    this.live.set(true);
  }
}

/** In the file that somebody looks at: those that VS Code has from before were not clicked now. */
function isInFront(dot: vscode.SourceBreakpoint): boolean {
  const uri = dot.location.uri.toString();
  return isPython(dot.location.uri) && vscode.window.activeTextEditor?.document.uri.toString() === uri && vscode.window.state.focused;
}
