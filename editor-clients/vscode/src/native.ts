// VS Code's own breakpoints. They are sent only in live mode.

import * as vscode from "vscode";
import type { EditorBreakpoint } from "./messages";

export function isPython(uri: vscode.Uri): boolean {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  return uri.scheme === "file" && (document ? document.languageId === "python" : uri.path.endsWith(".py"));
}

/** The dots in the gutters of Python files, by file. */
export function nativeBreakpoints(): Map<string, EditorBreakpoint[]> {
  const files = new Map<string, EditorBreakpoint[]>();
  for (const dot of vscode.debug.breakpoints) {
    if (!(dot instanceof vscode.SourceBreakpoint) || !isPython(dot.location.uri)) continue;
    const uri = dot.location.uri.toString();
    const mark: EditorBreakpoint = { id: dot.id, line: dot.location.range.start.line, enabled: dot.enabled };
    if (dot.condition) mark.condition = dot.condition;
    if (dot.logMessage) mark.logMessage = dot.logMessage;
    files.set(uri, [...(files.get(uri) ?? []), mark]);
  }
  return files;
}
