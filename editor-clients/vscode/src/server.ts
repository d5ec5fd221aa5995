// The language server: how its process is started.

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { runServerCommand, withOurCommand } from "./command_results";
import { calmed, surfaces } from "./surfaces";

export function createClient(): LanguageClient {
  const command = vscode.workspace.getConfiguration("livebreak").get("path", "livebreak");
  const client: LanguageClient = new LanguageClient(
    "livebreak",
    "LiveBreak",
    { command, args: ["lsp"] },
    {
      documentSelector: [{ scheme: "file", language: "python" }],
      // The gutter and the text behind a line are ours, so that nothing is shown twice.
      initializationOptions: () => ({ surfaces: surfaces() }),
      middleware: {
        executeCommand: (command, args) => runServerCommand((method, params) => client.sendRequest(method, params), command, args),
        provideCodeLenses: async (document, token, next) => (await next(document, token))?.map(withOurCommand),
        handleDiagnostics: (uri, diagnostics, next) => next(uri, calmed(diagnostics)),
      },
    },
  );
  return client;
}
