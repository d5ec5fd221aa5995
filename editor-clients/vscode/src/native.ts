// VS Code's own breakpoints, the dots in its gutter.

import * as vscode from "vscode";
import { hitLimitOf } from "./hit_limit";
import type { BreakpointState, EditorBreakpoint } from "./messages";
import { inert } from "./plain";

export function isPython(uri: vscode.Uri): boolean {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
  return uri.scheme === "file" && (document ? document.languageId === "python" : uri.path.endsWith(".py"));
}

/** The dots in Python files, or in one of them. */
export function pythonDots(uri?: string): vscode.SourceBreakpoint[] {
  return vscode.debug.breakpoints.filter(
    (dot): dot is vscode.SourceBreakpoint =>
      dot instanceof vscode.SourceBreakpoint && (uri === undefined ? isPython(dot.location.uri) : uriOf(dot) === uri),
  );
}

export function uriOf(dot: vscode.SourceBreakpoint): string {
  return dot.location.uri.toString();
}

/** 0-based. */
export function lineOf(dot: vscode.SourceBreakpoint): number {
  return dot.location.range.start.line;
}

/** What a dot says, under the id of its mark. */
export function markOf(dot: vscode.SourceBreakpoint, id: string): EditorBreakpoint {
  const mark: EditorBreakpoint = { id, line: lineOf(dot), enabled: dot.enabled };
  if (dot.condition) mark.condition = dot.condition;
  if (dot.logMessage) mark.logMessage = dot.logMessage;
  const hitLimit = hitLimitOf(dot.hitCondition);
  if (hitLimit !== undefined) mark.hitLimit = hitLimit;
  return mark;
}

/** Its hit count, if a live breakpoint can have none like it. */
export function unusableHitCount(dot: vscode.SourceBreakpoint): string | undefined {
  return dot.hitCondition && hitLimitOf(dot.hitCondition) === undefined ? dot.hitCondition : undefined;
}

/** A dot that is not in the gutter yet. Its id is final. The hit count is VS Code's own text, which a mark does not hold. */
export function newDot(uri: string, mark: Omit<EditorBreakpoint, "id">, hitCondition?: string): vscode.SourceBreakpoint {
  const location = new vscode.Location(vscode.Uri.parse(uri), new vscode.Position(mark.line, 0));
  return new vscode.SourceBreakpoint(location, mark.enabled, mark.condition, hitCondition, mark.logMessage);
}

/** What a dot of this breakpoint is to say. */
export function markFrom(state: BreakpointState): Omit<EditorBreakpoint, "id"> {
  return {
    line: state.line,
    enabled: state.enabled ?? true,
    ...(state.condition ? { condition: state.condition } : {}),
    ...(state.logMessage ? { logMessage: state.logMessage } : {}),
  };
}

export function tellOfHitCount(dot: vscode.SourceBreakpoint): void {
  const hitCount = unusableHitCount(dot);
  if (hitCount === undefined) return;
  void vscode.window.showWarningMessage(
    `LiveBreak: the live breakpoint on line ${lineOf(dot) + 1} has no use for the hit count ${inert(hitCount)}, and takes every hit. ` +
      "Write <= 10 for the first ten hits, or a condition.",
  );
}
