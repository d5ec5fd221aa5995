// The language server's process: started, watched, started again, and what is said where that does not work.

import * as vscode from "vscode";
import { findLaunch, NoServer, type Launch } from "./interpreters";
import type { LiveSession } from "./session";
import { sentenceOf } from "./plain";
import { SHOWN } from "./surfaces";
import { mismatch } from "./versions";

let launched: Promise<Launch> | undefined;

/** How the server and a debug adapter of its own are run; found once, until a setting says otherwise. Rejects with `NoServer`. */
export function launchOf(extension: vscode.Uri): Promise<Launch> {
  launched ??= findLaunch(extension).catch((error: unknown) => {
    launched = undefined;
    throw error;
  });
  return launched;
}

export function registerServer(context: vscode.ExtensionContext, session: LiveSession, log: vscode.LogOutputChannel): vscode.Disposable[] {
  const restart = () => {
    launched = undefined;
    return start(context, session, log, true);
  };
  return [
    vscode.commands.registerCommand("livebreak.restartServer", restart),
    vscode.commands.registerCommand("livebreak.openLog", () => log.show()),
    session.onGone((didRun) => void (didRun && tellGone())),
    vscode.workspace.onDidGrantWorkspaceTrust(() => start(context, session, log)),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // What the server shows is said to it when it starts.
      const settings = ["livebreak.path", "livebreak.interpreter", ...SHOWN.map((name) => `livebreak.surfaces.${name}`)];
      if (settings.some((name) => event.affectsConfiguration(name))) void restart();
    }),
  ];
}

/** Nothing runs in a folder that is not trusted: to find its repository, git would read the folder's own configuration. */
export async function start(context: vscode.ExtensionContext, session: LiveSession, log: vscode.LogOutputChannel, again = false): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  try {
    await (again ? session.restart() : session.start());
  } catch (error) {
    log.error(sentenceOf(error));
    return tellNotStarted(error);
  }
  const versions = mismatch(String((context.extension.packageJSON as { version: string }).version), session.serverVersion);
  if (versions) void vscode.window.showWarningMessage(`LiveBreak: ${versions}`);
}

async function tellNotStarted(error: unknown): Promise<void> {
  if (error instanceof NoServer) {
    const answer = await vscode.window.showErrorMessage(`LiveBreak: ${error.message}`, "Choose Python...", "Get Python", "Try Again");
    if (answer === "Choose Python...") await choosePython();
    else if (answer === "Get Python") void vscode.env.openExternal(vscode.Uri.parse("https://www.python.org/downloads/"));
    else if (answer) void vscode.commands.executeCommand("livebreak.restartServer");
    return;
  }
  const answer = await vscode.window.showErrorMessage("LiveBreak: its server could not be started.", "Open Log", "Open Settings", "Try Again");
  if (answer === "Open Log") void vscode.commands.executeCommand("livebreak.openLog");
  else if (answer === "Open Settings") void vscode.commands.executeCommand("workbench.action.openSettings", "livebreak.path");
  else if (answer) void vscode.commands.executeCommand("livebreak.restartServer");
}

async function choosePython(): Promise<void> {
  const [file] = (await vscode.window.showOpenDialog({ title: "A Python 3.11 or newer", openLabel: "Use This Python" })) ?? [];
  if (file) await vscode.workspace.getConfiguration("livebreak").update("interpreter", file.fsPath, vscode.ConfigurationTarget.Global);
}

async function tellGone(): Promise<void> {
  const answer = await vscode.window.showErrorMessage(
    "LiveBreak: its server ended several times in a few minutes, and is not started again. Live breakpoints stay as they are.",
    "Restart",
    "Open Log",
  );
  if (answer) void vscode.commands.executeCommand(answer === "Restart" ? "livebreak.restartServer" : "livebreak.openLog");
}
