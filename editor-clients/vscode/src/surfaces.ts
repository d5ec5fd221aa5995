// Where things are shown: what the language server is asked for, and what this extension draws itself. Nothing is shown twice.

import * as vscode from "vscode";

/** Findings about a comment that is being typed; all others are about a breakpoint, and have its state as their code. */
const DIRECTIVE = "directive";

/** What stands behind the line of a breakpoint. */
export type LineEnd = "decoration" | "inlayHint" | "off";

/** Settings of `livebreak.surfaces` that are a surface of the server's. */
const CHOSEN = ["diagnostics", "hover", "codeActions", "completion", "codeLens"] as const;

/** Settings of `livebreak.surfaces` that the server is told of when it starts. */
export const SHOWN = [...CHOSEN, "lineEnd"] as const;

export function lineEnd(): LineEnd {
  return vscode.workspace.getConfiguration("livebreak.surfaces").get<LineEnd>("lineEnd", "decoration");
}

/** At which column the text behind a line is to end. */
export function lineEndColumn(): number {
  return vscode.workspace.getConfiguration("livebreak.surfaces").get("lineEndColumn", 110);
}

/** Whether the server is asked for a surface. */
export function isAsked(name: (typeof CHOSEN)[number]): boolean {
  return vscode.workspace.getConfiguration("livebreak.surfaces").get(name, name !== "codeLens");
}

/** For `initializationOptions`: the overview is for the LiveBreak view, which is always there. */
export function surfaces(): string[] {
  return [...CHOSEN.filter(isAsked), "overview", ...(lineEnd() === "inlayHint" ? ["inlayHints"] : [])];
}

/** Hits and states are listed among the problems, but do not underline code that is well, and do not stand in front of what a
 * hover says of it: they are at the line's end. */
export function calmed(diagnostics: readonly vscode.Diagnostic[]): vscode.Diagnostic[] {
  return diagnostics.map((diagnostic) => {
    if (diagnostic.severity < vscode.DiagnosticSeverity.Information || diagnostic.code === DIRECTIVE) return diagnostic;
    diagnostic.range = new vscode.Range(diagnostic.range.end, diagnostic.range.end);
    return diagnostic;
  });
}
