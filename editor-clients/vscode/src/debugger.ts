// The debug view: which adapter a session of type `livebreak` talks to, and a hit debugged again on this machine.

import * as fs from "node:fs/promises";
import * as vscode from "vscode";
import type { Replay } from "./messages";
import { inert } from "./plain";
import { launchOf } from "./server";
import type { LiveSession } from "./session";
import { tellError } from "./telling";

/** What registers the adapter and the command. */
export function registerDebugger(context: vscode.ExtensionContext, live: LiveSession): vscode.Disposable[] {
  return [
    vscode.debug.registerDebugAdapterDescriptorFactory("livebreak", {
      createDebugAdapterDescriptor: (session) => adapterFor(context, session, live),
    }),
    vscode.commands.registerCommand("livebreak.replay", () => replay(context)),
    vscode.debug.onDidStartDebugSession((session) => {
      if (session.type === "livebreak" && session.configuration["hit"]) shown = session;
    }),
    vscode.debug.onDidTerminateDebugSession((session) => {
      if (session === shown) shown = undefined;
    }),
  ];
}

/** The session of the hit that was opened last; the next one takes its place. */
let shown: vscode.DebugSession | undefined;

/** Open a hit in the debug view: it begins at exactly this one, and steps to the older and newer ones. */
export async function debugHit(hitId: string, place: string): Promise<void> {
  if (shown) await vscode.debug.stopDebugging(shown);
  const folder = vscode.workspace.workspaceFolders?.[0];
  // A view that is opened by the stop itself shows the scopes folded.
  await vscode.commands.executeCommand("workbench.view.debug");
  await vscode.debug.startDebugging(folder, {
    type: "livebreak",
    request: "attach",
    name: `LiveBreak ${place}`,
    hit: hitId,
    internalConsoleOptions: "neverOpen",
    ...(folder ? { folder: folder.uri.fsPath } : {}),
  });
}

/** The language server's own adapter, so that both see one state; without one, or for a file of hits, a process of its own. */
async function adapterFor(context: vscode.ExtensionContext, session: vscode.DebugSession, live: LiveSession): Promise<vscode.DebugAdapterDescriptor> {
  const file: unknown = session.configuration["hits"];
  const pipe = file || !live.isRunning ? undefined : await live.debugAdapter().catch(() => undefined);
  if (pipe) return new vscode.DebugAdapterNamedPipeServer(pipe);
  const { command, args } = await launchOf(context.extensionUri);
  const cwd = session.workspaceFolder?.uri.fsPath;
  return new vscode.DebugAdapterExecutable(command, typeof file === "string" ? [...args, "dap", "--file", file] : [...args, "dap"], cwd ? { cwd } : {});
}

/** Starts the Python debugger on a script that calls the function of the shown hit again. */
async function replay(context: vscode.ExtensionContext): Promise<void> {
  const session = vscode.debug.activeDebugSession;
  const threadId = vscode.debug.activeStackItem?.threadId;
  if (session?.type !== "livebreak" || threadId === undefined)
    return void vscode.window.showWarningMessage("LiveBreak: select a hit in the debug view first.");
  try {
    const made: Replay = await session.customRequest("livebreak/replay", { threadId });
    await vscode.workspace.fs.createDirectory(context.globalStorageUri);
    const program = vscode.Uri.joinPath(context.globalStorageUri, `replay-${Date.now()}.py`);
    // It holds what was captured in production: for nobody else to read.
    await fs.writeFile(program.fsPath, made.script, { mode: 0o600 });
    if (made.missing.length) void vscode.window.showInformationMessage(`LiveBreak: ${made.missing.map(inert).join(" ")}`);
    await vscode.debug.startDebugging(session.workspaceFolder, {
      type: "debugpy",
      request: "launch",
      name: "LiveBreak: hit",
      program: program.fsPath,
      justMyCode: false,
    });
  } catch (error) {
    tellError(error);
  }
}
