// How a person is told that something went wrong: one sentence, in plain text.

import * as vscode from "vscode";
import { sentenceOf } from "./plain";

export function tellError(error: unknown): void {
  void vscode.window.showErrorMessage(`LiveBreak: ${sentenceOf(error)}`);
}
