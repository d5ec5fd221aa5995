// What the server's commands answer when they are run from its code actions: LSP has no clipboard and no view, VS Code has.

import * as vscode from "vscode";
import { inert } from "./plain";
import { tellError } from "./telling";

type Send = <T>(method: string, params: object) => Promise<T>;

/** For the middleware of the language client, whose own way is to drop the answer and to tell of a failed request. */
export async function runServerCommand(send: Send, command: string, args: readonly unknown[]): Promise<unknown> {
  const where = (args[0] as { where?: unknown } | undefined)?.where;
  // The view has room for what is found.
  if (command === "livebreak.findHits" && typeof where === "string") return vscode.commands.executeCommand(SHOW_WHERE, where);
  try {
    const answer = await send<unknown>("workspace/executeCommand", { command, arguments: args });
    if (typeof answer === "string") await show(command, answer);
    return answer;
  } catch (error) {
    tellError(error);
    return undefined;
  }
}

/** Run inside of this extension alone: the view filters, a text is opened, a hit is debugged. */
export const SHOW_WHERE = "_livebreak.showWhere";
export const SHOW_TEXT = "_livebreak.showText";
export const DEBUG_HIT = "_livebreak.debugHit";

/** A code lens of the server's opens the newest hit in the debug view, where an editor without one is given it as a file. */
export function withOurCommand(lens: vscode.CodeLens): vscode.CodeLens {
  const { command } = lens;
  if (!command) return lens;
  const isHit = command.command === "livebreak.copyHit";
  lens.command = { ...command, title: inert(command.title), command: isHit ? DEBUG_HIT : command.command };
  return lens;
}

async function show(command: string, answer: string): Promise<void> {
  switch (command) {
    case "livebreak.copyHit":
    case "livebreak.shareHit":
      await vscode.env.clipboard.writeText(answer);
      vscode.window.setStatusBarMessage("$(check) LiveBreak: copied", 2000);
      break;
    case "livebreak.exportHit":
      if (await vscode.window.showInformationMessage(`LiveBreak: the hit is in ${inert(answer)}.`, "Open"))
        await vscode.window.showTextDocument(vscode.Uri.file(answer));
      break;
    case "livebreak.why":
      await vscode.commands.executeCommand(SHOW_TEXT, "Why no hits.txt", answer);
      break;
  }
}
