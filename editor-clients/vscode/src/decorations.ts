// How breakpoints look beside what VS Code draws itself: a bar before a line that is live, a text behind it, and for a teammate's an
// icon in the gutter, where one's own have VS Code's dot.

import * as vscode from "vscode";
import type { Look } from "./looks";

const LOOKS: readonly Look[] = ["waiting", "bound", "failed", "off"];

/** One line's breakpoint. */
export interface Shown {
  /** 0-based. */
  line: number;
  look: Look;
  text: string;
  /** What is in the hover, where the text is not all. */
  full?: string;
  /** False for a teammate's, which get an icon. */
  mine: boolean;
}

type Types = Record<Look, vscode.TextEditorDecorationType>;

export class Decorations implements vscode.Disposable {
  private readonly own: Types;
  private readonly theirs: Types;
  /** What an editor was given of a type, so that it is not given the same again. */
  private readonly given = new WeakMap<vscode.TextEditor, Map<vscode.TextEditorDecorationType, string>>();

  constructor(extension: vscode.Uri) {
    this.own = typesOf((look) => ({
      isWholeLine: true,
      borderWidth: "0 0 0 2px",
      borderStyle: "solid",
      borderColor: new vscode.ThemeColor(look === "failed" ? "editorWarning.foreground" : "livebreak.liveForeground"),
      overviewRulerColor: new vscode.ThemeColor("livebreak.liveForeground"),
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    }));
    this.theirs = typesOf((look) => ({
      light: { gutterIconPath: vscode.Uri.joinPath(extension, "media", "light", `${look}.svg`) },
      dark: { gutterIconPath: vscode.Uri.joinPath(extension, "media", "dark", `${look}.svg`) },
      gutterIconSize: "contain",
    }));
  }

  /** Show the breakpoints of an editor's file, and nothing else. */
  show(editor: vscode.TextEditor, breakpoints: readonly Shown[]): void {
    const options = new Map<vscode.TextEditorDecorationType, vscode.DecorationOptions[]>();
    for (const shown of breakpoints) {
      if (shown.line >= editor.document.lineCount) continue;
      const type = (shown.mine ? this.own : this.theirs)[shown.look];
      options.set(type, [...(options.get(type) ?? []), optionsOf(editor.document, shown)]);
    }
    const given = this.given.get(editor) ?? new Map<vscode.TextEditorDecorationType, string>();
    this.given.set(editor, given);
    for (const type of this.types()) {
      const wanted = options.get(type) ?? [];
      // In another text they may have moved.
      const key = wanted.length ? JSON.stringify([editor.document.version, wanted]) : "";
      if (key === (given.get(type) ?? "")) continue;
      given.set(type, key);
      editor.setDecorations(type, wanted);
    }
  }

  dispose(): void {
    for (const type of this.types()) type.dispose();
  }

  private types(): vscode.TextEditorDecorationType[] {
    return [...Object.values(this.own), ...Object.values(this.theirs)];
  }
}

function typesOf(optionsOf: (look: Look) => vscode.DecorationRenderOptions): Types {
  const type = (look: Look) =>
    vscode.window.createTextEditorDecorationType({ rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed, ...optionsOf(look) });
  return Object.fromEntries(LOOKS.map((look) => [look, type(look)])) as Types;
}

function optionsOf(document: vscode.TextDocument, shown: Shown): vscode.DecorationOptions {
  const color = new vscode.ThemeColor(shown.look === "failed" ? "editorWarning.foreground" : "livebreak.textForeground");
  return {
    range: document.lineAt(shown.line).range,
    // Plain text: it may hold what a process captured.
    ...(shown.full ? { hoverMessage: new vscode.MarkdownString().appendText(shown.full) } : {}),
    renderOptions: { after: { contentText: shown.text, color, margin: "0 0 0 2em" } },
  };
}
