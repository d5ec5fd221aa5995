// Live breakpoints in VS Code's gutter. What they mean is `livebreak lsp`'s business; this shows and states them.

import * as vscode from "vscode";
import { Decorations, plain } from "./decorations";
import { registerDebugger } from "./debugger";
import { gutterBreakpoints, isPython } from "./gutter";
import { Marks } from "./marks";
import type { BreakpointState, BreakpointsParams, EditorBreakpoint, HitsParams, Status } from "./messages";
import { Server, type Listener } from "./server";
import { showStatus } from "./status";

let extension: Extension | undefined;

export function activate(context: vscode.ExtensionContext): void {
  extension = new Extension(context);
}

export async function deactivate(): Promise<void> {
  await extension?.stop();
}

/** The argument of the line number's menu. */
interface Place {
  lineNumber: number;
  uri: vscode.Uri;
}

class Extension implements Listener {
  private readonly marks = new Marks(vscode.env.sessionId);
  private readonly states = new Map<string, BreakpointState[]>();
  /** What is said about a breakpoint's hits, by its id. */
  private readonly hitsOf = new Map<string, string>();
  /** The lists as they were last stated, so that the many events of one click state them once. */
  private readonly stated = new Map<string, string>();
  private isLive = false;
  private readonly decorations: Decorations;
  private readonly statusItem = vscode.window.createStatusBarItem("livebreak.status", vscode.StatusBarAlignment.Left);
  private readonly server = new Server(this);

  constructor(context: vscode.ExtensionContext) {
    this.decorations = new Decorations(context.extensionUri);
    this.statusItem.name = "LiveBreak";
    this.statusItem.command = "livebreak.showStatus";
    const command = (name: string, run: (place?: Place) => unknown) => vscode.commands.registerCommand(`livebreak.${name}`, run, this);
    context.subscriptions.push(
      this.decorations,
      this.statusItem,
      command("toggleBreakpoint", this.toggle),
      command("setCondition", this.setCondition),
      command("goLive", this.goLive),
      command("stopLive", this.stopLive),
      command("showStatus", this.showStatus),
      ...registerDebugger(context, this.server),
      vscode.window.onDidChangeVisibleTextEditors(() => this.draw()),
      vscode.workspace.onDidChangeTextDocument((event) => this.edited(event)),
      vscode.debug.onDidChangeBreakpoints(() => this.isLive && this.stateAll()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("livebreak.path"))
          void vscode.window.showInformationMessage("LiveBreak: reload the window to start the server from its new path.");
      }),
    );
    void this.start();
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  // --- what the server says

  started(): void {
    this.stated.clear();
    this.stateAll();
  }

  breakpoints(params: BreakpointsParams): void {
    const uri = vscode.Uri.parse(params.uri).toString();
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
    this.states.set(uri, params.breakpoints);
    // Where the buffer is ahead of the server, the marks know better.
    if (!document || params.version === undefined || params.version === document.version) this.marks.follow({ ...params, uri });
    this.draw();
  }

  hits(params: HitsParams): void {
    this.hitsOf.set(params.breakpointId, params.summary);
    this.draw();
  }

  status(status: Status): void {
    showStatus(this.statusItem, status);
  }

  // --- what the user does

  private async toggle(place?: Place): Promise<void> {
    const here = placeOf(place);
    if (!here) return;
    const uri = here.uri.toString();
    const mark = this.marks.at(uri, here.line);
    const elsewhere = this.states.get(uri)?.find((state) => state.line === here.line && !this.isOurs(uri, state));
    if (mark) this.marks.remove(uri, mark);
    else if (elsewhere) return this.server.remove(uri, elsewhere.id).catch(tellError);
    else this.marks.set(uri, here.line);
    await this.state(uri);
  }

  private async setCondition(place?: Place): Promise<void> {
    const here = placeOf(place);
    if (!here) return;
    const uri = here.uri.toString();
    const known = this.states.get(uri)?.find((state) => state.line === here.line);
    const condition = await vscode.window.showInputBox({
      title: `LiveBreak: condition of line ${here.line + 1}`,
      prompt: "A Python expression over the line's variables, such as total < 0. Empty: every pass is a hit.",
      value: this.marks.at(uri, here.line)?.condition ?? known?.condition ?? "",
      validateInput: async (text) => {
        if (!text.trim() || !this.server.isRunning) return undefined;
        const result = await this.server.checkCondition(text.trim(), uri, here.line);
        if (!result.ok) return plain(result.message ?? "This is not a condition.");
        return result.doubt && { message: plain(result.doubt), severity: vscode.InputBoxValidationSeverity.Warning };
      },
    });
    if (condition === undefined) return;
    this.marks.set(uri, here.line, condition.trim());
    await this.state(uri);
  }

  private async goLive(): Promise<void> {
    const count = [...gutterBreakpoints().values()].flat().length;
    const status = await this.server.status().catch(() => undefined);
    const where = status?.project ? `${status.project} at ${status.host}` : "the running processes";
    const answer = await vscode.window.showWarningMessage(
      `Arm VS Code's breakpoints in Python files (${count} now) in ${plain(where)}, and follow them until this window is closed?`,
      { modal: true, detail: "Processes there do not stop; what their lines hold comes back into this editor." },
      "Go Live",
    );
    if (answer) this.setLive(true);
  }

  private stopLive(): void {
    this.setLive(false);
  }

  private setLive(isLive: boolean): void {
    this.isLive = isLive;
    void vscode.commands.executeCommand("setContext", "livebreak.isLive", isLive);
    this.stateAll();
  }

  private async showStatus(): Promise<void> {
    if (!this.server.isRunning) return void this.start();
    const status = await this.server.status();
    this.status(status);
    void vscode.window.showInformationMessage(`LiveBreak: ${plain(status.message)}`);
  }

  private edited(event: vscode.TextDocumentChangeEvent): void {
    for (const { range, text } of event.contentChanges)
      this.marks.edit(event.document.uri.toString(), {
        startLine: range.start.line,
        startCharacter: range.start.character,
        endLine: range.end.line,
        text,
      });
  }

  // --- stating and showing

  private async start(): Promise<void> {
    try {
      await this.server.start();
    } catch {
      const answer = await vscode.window.showErrorMessage(
        "LiveBreak: the command `livebreak` cannot be run. Install LiveBreak, or set its path.",
        "Open Settings",
      );
      if (answer) void vscode.commands.executeCommand("workbench.action.openSettings", "livebreak.path");
    }
  }

  private stateAll(): void {
    const files = new Set([...this.marks.uris(), ...this.stated.keys(), ...(this.isLive ? gutterBreakpoints().keys() : [])]);
    for (const uri of files) void this.state(uri);
  }

  /** State the whole list of a file's marks. While the server is away they wait, and are stated when it comes. */
  private async state(uri: string): Promise<void> {
    this.draw();
    if (!this.server.isRunning) {
      void vscode.window.showWarningMessage("LiveBreak: its server does not run, so the breakpoint is not armed yet.");
      return;
    }
    const dots = this.isLive ? (gutterBreakpoints().get(uri) ?? []) : [];
    const breakpoints: EditorBreakpoint[] = [...dots, ...this.marks.of(uri)];
    const list = JSON.stringify(breakpoints);
    if (this.stated.get(uri) === list) return;
    this.stated.set(uri, list);
    const version = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri)?.version;
    try {
      this.breakpoints(await this.server.setBreakpoints({ uri, breakpoints, ...(version === undefined ? {} : { version }) }));
    } catch (error) {
      this.stated.delete(uri);
      tellError(error);
    }
  }

  private draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (!isPython(editor.document.uri)) continue;
      const uri = editor.document.uri.toString();
      const dots = new Set((gutterBreakpoints().get(uri) ?? []).map((dot) => dot.line));
      this.decorations.show(editor, this.shown(uri), this.hitsOf, dots);
    }
  }

  /** The states of a file, each own mark's on its line, and those marks that have none yet. */
  private shown(uri: string): BreakpointState[] {
    const marks = new Map(this.marks.of(uri).map((mark) => [mark.id, mark]));
    const states = (this.states.get(uri) ?? []).map((state) => ({ ...state, line: marks.get(state.editorId ?? "")?.line ?? state.line }));
    const known = new Set(states.map((state) => state.editorId));
    const waiting = [...marks.values()].filter((mark) => !known.has(mark.id));
    return [...states, ...waiting.map(({ id, line }) => ({ id, line, state: "sending", message: "", mine: true }))];
  }

  private isOurs(uri: string, state: BreakpointState): boolean {
    return state.editorId !== undefined && this.marks.of(uri).some((mark) => mark.id === state.editorId);
  }
}

function tellError(error: unknown): void {
  void vscode.window.showErrorMessage(`LiveBreak: ${plain(error instanceof Error ? error.message : String(error))}`);
}

/** Where a command is meant: the line whose number was clicked, else the cursor's. */
function placeOf(place?: Place): { uri: vscode.Uri; line: number } | undefined {
  if (place?.uri) return { uri: place.uri, line: place.lineNumber - 1 };
  const editor = vscode.window.activeTextEditor;
  if (editor && isPython(editor.document.uri)) return { uri: editor.document.uri, line: editor.selection.active.line };
  void vscode.window.showWarningMessage("LiveBreak: live breakpoints are for Python files; open one first.");
  return undefined;
}
