// The language server: how its process is started.

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

export function createClient(): LanguageClient {
  const command = vscode.workspace.getConfiguration("livebreak").get("path", "livebreak");
  return new LanguageClient(
    "livebreak",
    "LiveBreak",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ scheme: "file", language: "python" }],
      // The gutter and the text behind a line are ours, so that nothing is shown twice.
      initializationOptions: { surfaces: ["diagnostics", "hover", "codeActions", "completion", "overview"] },
    },
  );
}
