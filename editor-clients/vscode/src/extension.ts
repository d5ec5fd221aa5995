// LiveBreak in VS Code: what is started and what is wired to what. What a breakpoint means is `livebreak lsp`'s business.

import * as vscode from "vscode";
import { registerDebugger } from "./debugger";
import { registerGutter } from "./gutter";
import { registerHitsView } from "./hits_view";
import { LiveMode, registerLive } from "./live";
import { createClient } from "./server";
import { LiveSession } from "./session";
import { registerStatus } from "./status";

let session: LiveSession | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const opened = (session = new LiveSession(createClient));
  const live = new LiveMode();
  context.subscriptions.push(
    opened,
    live,
    ...registerStatus(opened, () => start(opened)),
    ...registerLive(opened, live),
    ...registerGutter(context, opened, live),
    ...registerDebugger(context, opened),
    ...registerHitsView(context, opened),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("livebreak.path"))
        void vscode.window.showInformationMessage("LiveBreak: reload the window to start the server from its new path.");
    }),
  );
  void start(opened);
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

async function start(session: LiveSession): Promise<void> {
  try {
    await session.start();
  } catch {
    const answer = await vscode.window.showErrorMessage(
      "LiveBreak: the command `livebreak` cannot be run. Install LiveBreak, or set its path.",
      "Open Settings",
    );
    if (answer) void vscode.commands.executeCommand("workbench.action.openSettings", "livebreak.path");
  }
}
