// How a person is told that something went wrong: one sentence, in plain text.

import * as vscode from "vscode";
import { plain } from "./plain";

export function tellError(error: unknown): void {
  void vscode.window.showErrorMessage(`LiveBreak: ${sentenceOf(error)}`);
}

export function sentenceOf(error: unknown): string {
  return plain(error instanceof Error ? error.message : String(error));
}
