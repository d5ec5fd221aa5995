// The gutter: live breakpoints are set, changed and removed here, and their states are drawn beside their lines.

import * as vscode from "vscode";
import { Decorations } from "./decorations";
import type { LiveMode } from "./live";
import { Marks } from "./marks";
import type { BreakpointState, BreakpointsParams, EditorBreakpoint } from "./messages";
import { isPython, nativeBreakpoints } from "./native";
import { plain } from "./plain";
import type { LiveSession } from "./session";
import { tellError } from "./telling";

export function registerGutter(context: vscode.ExtensionContext, session: LiveSession, live: LiveMode): vscode.Disposable[] {
  const decorations = new Decorations(context.extensionUri);
  const gutter = new Gutter(session, live, decorations);
  const command = (name: string, run: (place?: Place) => unknown) => vscode.commands.registerCommand(`livebreak.${name}`, run, gutter);
  return [
    decorations,
    command("toggleBreakpoint", gutter.toggle),
    command("setCondition", gutter.setCondition),
    session.onStarted(() => gutter.started()),
    session.onBreakpoints((params) => gutter.follow(params)),
    session.onHits(() => gutter.draw()),
    live.onChange(() => gutter.stateAll()),
    vscode.window.onDidChangeVisibleTextEditors(() => gutter.draw()),
    vscode.workspace.onDidChangeTextDocument((event) => gutter.edited(event)),
    vscode.debug.onDidChangeBreakpoints(() => live.isOn && gutter.stateAll()),
  ];
}

/** The argument of the line number's menu. */
interface Place {
  lineNumber: number;
  uri: vscode.Uri;
}

class Gutter {
  private readonly marks = new Marks(vscode.env.sessionId);
  /** The lists as they were last stated, so that the many events of one click state them once. */
  private readonly stated = new Map<string, string>();

  constructor(
    private readonly session: LiveSession,
    private readonly live: LiveMode,
    private readonly decorations: Decorations,
  ) {}

  started(): void {
    this.stated.clear();
    this.stateAll();
  }

  follow(params: BreakpointsParams): void {
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === params.uri);
    // Where the buffer is ahead of the server, the marks know better.
    if (!document || params.version === undefined || params.version === document.version) this.marks.follow(params);
    this.draw();
  }

  async toggle(place?: Place): Promise<void> {
    const here = placeOf(place);
    if (!here) return;
    const uri = here.uri.toString();
    const mark = this.marks.at(uri, here.line);
    const elsewhere = this.session.statesOf(uri).find((state) => state.line === here.line && !this.isOurs(uri, state));
    if (mark) this.marks.remove(uri, mark);
    else if (elsewhere) return this.session.execute("livebreak.remove", { uri, id: elsewhere.id }).catch(tellError);
    else this.marks.set(uri, here.line);
    await this.state(uri);
  }

  async setCondition(place?: Place): Promise<void> {
    const here = placeOf(place);
    if (!here) return;
    const uri = here.uri.toString();
    const known = this.session.statesOf(uri).find((state) => state.line === here.line);
    const condition = await vscode.window.showInputBox({
      title: `LiveBreak: condition of line ${here.line + 1}`,
      prompt: "A Python expression over the line's variables, such as total < 0. Empty: every pass is a hit.",
      value: this.marks.at(uri, here.line)?.condition ?? known?.condition ?? "",
      validateInput: async (text) => {
        if (!text.trim() || !this.session.isRunning) return undefined;
        const result = await this.session.checkCondition(text.trim(), uri, here.line);
        if (!result.ok) return plain(result.message ?? "This is not a condition.");
        return result.doubt && { message: plain(result.doubt), severity: vscode.InputBoxValidationSeverity.Warning };
      },
    });
    if (condition === undefined) return;
    this.marks.set(uri, here.line, condition.trim());
    await this.state(uri);
  }

  edited(event: vscode.TextDocumentChangeEvent): void {
    for (const { range, text } of event.contentChanges)
      this.marks.edit(event.document.uri.toString(), {
        startLine: range.start.line,
        startCharacter: range.start.character,
        endLine: range.end.line,
        text,
      });
  }

  stateAll(): void {
    const files = new Set([...this.marks.uris(), ...this.stated.keys(), ...(this.live.isOn ? nativeBreakpoints().keys() : [])]);
    for (const uri of files) void this.state(uri);
  }

  draw(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      if (!isPython(editor.document.uri)) continue;
      const uri = editor.document.uri.toString();
      const dots = new Set((nativeBreakpoints().get(uri) ?? []).map((dot) => dot.line));
      this.decorations.show(editor, this.shown(uri), (id) => this.session.hitsOf(id)?.summary, dots);
    }
  }

  /** State the whole list of a file's marks. While the server is away they wait, and are stated when it comes. */
  private async state(uri: string): Promise<void> {
    this.draw();
    if (!this.session.isRunning) {
      void vscode.window.showWarningMessage("LiveBreak: its server does not run, so the breakpoint is not armed yet.");
      return;
    }
    const dots = this.live.isOn ? (nativeBreakpoints().get(uri) ?? []) : [];
    const breakpoints: EditorBreakpoint[] = [...dots, ...this.marks.of(uri)];
    const list = JSON.stringify(breakpoints);
    if (this.stated.get(uri) === list) return;
    this.stated.set(uri, list);
    const version = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri)?.version;
    try {
      await this.session.setBreakpoints({ uri, breakpoints, ...(version === undefined ? {} : { version }) });
    } catch (error) {
      this.stated.delete(uri);
      tellError(error);
    }
  }

  /** The states of a file, each own mark's on its line, and those marks that have none yet. */
  private shown(uri: string): BreakpointState[] {
    const marks = new Map(this.marks.of(uri).map((mark) => [mark.id, mark]));
    const states = this.session.statesOf(uri).map((state) => ({ ...state, line: marks.get(state.editorId ?? "")?.line ?? state.line }));
    const known = new Set(states.map((state) => state.editorId));
    const waiting = [...marks.values()].filter((mark) => !known.has(mark.id));
    return [...states, ...waiting.map(({ id, line }) => ({ id, line, state: "sending", message: "", mine: true }))];
  }

  private isOurs(uri: string, state: BreakpointState): boolean {
    return state.editorId !== undefined && this.marks.of(uri).some((mark) => mark.id === state.editorId);
  }
}

/** Where a command is meant: the line whose number was clicked, else the cursor's. */
function placeOf(place?: Place): { uri: vscode.Uri; line: number } | undefined {
  if (place?.uri) return { uri: place.uri, line: place.lineNumber - 1 };
  const editor = vscode.window.activeTextEditor;
  if (editor && isPython(editor.document.uri)) return { uri: editor.document.uri, line: editor.selection.active.line };
  void vscode.window.showWarningMessage("LiveBreak: live breakpoints are for Python files; open one first.");
  return undefined;
}
