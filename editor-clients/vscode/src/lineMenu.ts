// What can be done to one line: the menu of its number, and the same commands in the palette for the cursor's line.

import * as vscode from "vscode";
import type { DotSync } from "./dotSync";
import type { BreakpointState } from "./messages";
import { isPython, lineOf, markOf, pythonDots } from "./native";
import { inert, plain, sentenceOf } from "./plain";
import type { LiveSession } from "./session";
import { tellError } from "./telling";

const WHY = "livebreak-why";

/** Characters of a line of that page. */
const WIDTH = 50;

/** The argument of the line number's menu. */
interface Place {
  lineNumber: number;
  uri: vscode.Uri;
}

interface Line {
  uri: string;
  /** 0-based. */
  line: number;
}

export function registerLineMenu(session: LiveSession, gutter: DotSync): vscode.Disposable[] {
  const menu = new LineMenu(session, gutter);
  const command = (name: string, run: (here: Line) => unknown) =>
    vscode.commands.registerCommand(`livebreak.${name}`, (place?: Place) => {
      const here = placeOf(place);
      return here && run.call(menu, here);
    });
  return [
    command("toggleBreakpoint", menu.toggle),
    command("addBreakpoint", menu.add),
    command("setCondition", menu.setCondition),
    command("setLogMessage", menu.setLogMessage),
    command("addLocalBreakpoint", menu.addLocal),
    command("removeBreakpoint", menu.remove),
    command("whyNoHits", menu.why),
    gutter.onDraw(() => menu.tellContext()),
    vscode.window.onDidChangeActiveTextEditor(() => menu.tellContext()),
    vscode.workspace.registerTextDocumentContentProvider(WHY, menu),
  ];
}

class LineMenu implements vscode.TextDocumentContentProvider {
  /** Pages of why there are no hits, by their URI. */
  private readonly pages = new Map<string, string>();
  private context = "";

  constructor(
    private readonly session: LiveSession,
    private readonly gutter: DotSync,
  ) {}

  toggle(here: Line): Promise<void> | undefined {
    return this.mineAt(here) ? this.remove(here) : this.add(here);
  }

  async add(here: Line): Promise<void> {
    if (await this.isReady()) this.gutter.add(here.uri, { line: here.line, enabled: true });
  }

  setCondition(here: Line): Promise<void> {
    return this.ask(here, "condition");
  }

  setLogMessage(here: Line): Promise<void> {
    return this.ask(here, "log");
  }

  addLocal({ uri, line }: Line): void {
    this.gutter.addLocal(uri, line);
  }

  async remove(here: Line): Promise<void> {
    const dot = this.gutter.dotAt(here.uri, here.line);
    if (dot && this.gutter.isLive(dot)) return this.gutter.remove(dot);
    const mine = this.mineAt(here);
    if (!mine) return void vscode.window.showInformationMessage("LiveBreak: there is no live breakpoint of yours on this line.");
    await this.session.execute("livebreak.remove", { uri: here.uri, id: mine.id }).catch(tellError);
  }

  /** Every step from the breakpoint to its hits, as a page of text. */
  async why(here: Line): Promise<void> {
    const state = this.stateAt(here);
    if (!state) return void vscode.window.showInformationMessage("LiveBreak: there is no live breakpoint on this line.");
    try {
      const page = await this.session.execute<string>("livebreak.why", { uri: here.uri, id: state.id });
      const name = vscode.Uri.parse(here.uri).path.split("/").pop() ?? "";
      const uri = vscode.Uri.from({ scheme: WHY, path: `/Why no hits: ${name}:${here.line + 1}`, query: String(Date.now()) });
      this.pages.clear();
      this.pages.set(uri.toString(), page.split("\n").flatMap((line) => wrapped(plain(line))).join("\n"));
      await vscode.window.showTextDocument(uri, { preview: true, viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    } catch (error) {
      tellError(error);
    }
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.pages.get(uri.toString()) ?? "Ask again: this was closed.";
  }

  /** Which entries the menu of a line has. */
  tellContext(): void {
    const document = vscode.window.activeTextEditor?.document;
    const states = document && isPython(document.uri) ? this.gutter.statesOf(document.uri.toString()) : [];
    const dots = document ? pythonDots(document.uri.toString()) : [];
    const contexts = {
      "livebreak.liveLines": [...states.filter((state) => state.mine).map((state) => state.line + 1), ...dots.filter((dot) => this.gutter.isLive(dot)).map((dot) => lineOf(dot) + 1)],
      "livebreak.knownLines": states.map((state) => state.line + 1),
    };
    const said = JSON.stringify(contexts);
    if (said === this.context) return;
    this.context = said;
    for (const [key, lines] of Object.entries(contexts)) void vscode.commands.executeCommand("setContext", key, lines);
  }

  private async ask(here: Line, kind: "condition" | "log"): Promise<void> {
    if (!(await this.isReady())) return;
    const known = this.mineAt(here);
    const text = await vscode.window.showInputBox({
      title: `LiveBreak: ${kind === "log" ? "log message" : "condition"} of line ${here.line + 1}`,
      prompt:
        kind === "log"
          ? "Text, with expressions in braces: total is {total}. Instead of the variables, a hit then has this message."
          : "A Python expression over the line's variables, such as total < 0. Empty: every pass is a hit.",
      value: (kind === "log" ? known?.logMessage : known?.condition) ?? "",
      validateInput: (text) => this.problem(text.trim(), here, kind),
    });
    if (text === undefined) return;
    const dot = this.gutter.dotAt(here.uri, here.line);
    const { condition, logMessage, enabled } = dot && this.gutter.isLive(dot) ? markOf(dot, "") : { enabled: true };
    const words = { condition, logMessage, [kind === "log" ? "logMessage" : "condition"]: text.trim() };
    this.gutter.add(here.uri, {
      line: here.line,
      enabled,
      ...(words.condition ? { condition: words.condition } : {}),
      ...(words.logMessage ? { logMessage: words.logMessage } : {}),
    });
  }

  private async problem(text: string, { uri, line }: Line, kind: "condition" | "log"): Promise<string | vscode.InputBoxValidationMessage | undefined> {
    if (!text || !this.session.isRunning) return undefined;
    try {
      const result = await this.session.checkCondition(text, uri, line, kind);
      if (!result.ok) return inert(result.message ?? `This is not a ${kind === "log" ? "log message" : "condition"}.`);
      return result.doubt ? { message: inert(result.doubt), severity: vscode.InputBoxValidationSeverity.Warning } : undefined;
    } catch (error) {
      return { message: sentenceOf(error), severity: vscode.InputBoxValidationSeverity.Warning };
    }
  }

  private stateAt({ uri, line }: Line): BreakpointState | undefined {
    const states = this.gutter.statesOf(uri).filter((state) => state.line === line);
    return states.find((state) => state.mine) ?? states[0];
  }

  private mineAt(here: Line): BreakpointState | undefined {
    const state = this.stateAt(here);
    return state?.mine ? state : undefined;
  }

  /** Nothing is sent before the user has said where to. */
  private async isReady(): Promise<boolean> {
    if (this.gutter.isConnected) return true;
    const answer = await vscode.window.showWarningMessage("LiveBreak: connect to a backend first; live breakpoints are armed there.", "Connect");
    if (answer) await vscode.commands.executeCommand("livebreak.connect");
    return this.gutter.isConnected;
  }
}

/** Lines that can be read in half of a window; what goes on is indented. */
function wrapped(line: string): string[] {
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines[lines.length - 1] ?? "";
    if (last && last.length + word.length > WIDTH) lines.push(`     ${word}`);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

/** Where a command is meant: the line whose number was clicked, else the cursor's. */
function placeOf(place?: Place): Line | undefined {
  if (place?.uri) return { uri: place.uri.toString(), line: place.lineNumber - 1 };
  const editor = vscode.window.activeTextEditor;
  if (editor && isPython(editor.document.uri)) return { uri: editor.document.uri.toString(), line: editor.selection.active.line };
  void vscode.window.showWarningMessage("LiveBreak: live breakpoints are for Python files; open one first.");
  return undefined;
}
