// How breakpoints look: an icon in the gutter, and a text behind the line.

import * as vscode from "vscode";
import type { BreakpointState } from "./messages";
import { plain } from "./plain";

const LOOKS = ["waiting", "bound", "failed", "off"] as const;
type Look = (typeof LOOKS)[number];

const LOOK_OF: Record<string, Look> = {
  bound: "bound",
  "rate-limited": "bound",
  failed: "failed",
  expired: "off",
  disabled: "off",
  paused: "off",
};

export class Decorations implements vscode.Disposable {
  private readonly icons: Record<Look, vscode.TextEditorDecorationType>;
  /** On a line that has a dot of VS Code's own there is no room for an icon. */
  private readonly textOnly = vscode.window.createTextEditorDecorationType({});

  constructor(extension: vscode.Uri) {
    const type = (look: Look) =>
      vscode.window.createTextEditorDecorationType({
        gutterIconPath: vscode.Uri.joinPath(extension, "media", `${look}.svg`),
        gutterIconSize: "contain",
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      });
    this.icons = { waiting: type("waiting"), bound: type("bound"), failed: type("failed"), off: type("off") };
  }

  /** Show the breakpoints of an editor's file, and nothing else. */
  show(editor: vscode.TextEditor, states: readonly BreakpointState[], hitsOf: (breakpointId: string) => string | undefined, dots: ReadonlySet<number>): void {
    const options = new Map<vscode.TextEditorDecorationType, vscode.DecorationOptions[]>();
    for (const state of states) {
      if (state.line >= editor.document.lineCount) continue;
      const type = dots.has(state.line) ? this.textOnly : this.icons[LOOK_OF[state.state] ?? "waiting"];
      options.set(type, [...(options.get(type) ?? []), decoration(editor.document, state, hitsOf(state.id))]);
    }
    for (const type of this.types()) editor.setDecorations(type, options.get(type) ?? []);
  }

  dispose(): void {
    for (const type of this.types()) type.dispose();
  }

  private types(): vscode.TextEditorDecorationType[] {
    return [...Object.values(this.icons), this.textOnly];
  }
}

function decoration(document: vscode.TextDocument, state: BreakpointState, hits: string | undefined): vscode.DecorationOptions {
  const isQuiet = hits !== undefined && (state.state === "bound" || state.state === "stored");
  const owner = state.mine ? undefined : state.owner;
  // What is wrong now comes before what was seen earlier.
  const text = [state.trouble ?? (isQuiet ? undefined : state.message), hits, owner].filter(Boolean).join(" · ");
  return {
    range: document.lineAt(state.line).range,
    renderOptions: {
      after: { contentText: plain(text), color: new vscode.ThemeColor("editorCodeLens.foreground"), margin: "0 0 0 2em" },
    },
  };
}
