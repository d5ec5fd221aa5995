// The filter of the LiveBreak view: an expression over a hit's variables and facts, checked while it is typed.

import * as vscode from "vscode";
import { inert, sentenceOf } from "./plain";
import type { LiveSession } from "./session";
import type { HitView } from "./view";

/** After the last key, so that each is not a question of its own. */
const PAUSE = 150;

export function registerFilterBox(session: LiveSession, view: HitView): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand("livebreak.view.filter", () => openBox(session, view)),
    vscode.commands.registerCommand("livebreak.view.clearFilter", () => view.filter(undefined)),
  ];
}

function openBox(session: LiveSession, view: HitView): void {
  const box = vscode.window.createInputBox();
  box.title = "LiveBreak: only hits for which this is true";
  box.placeholder = "total < 0 and service == 'web'";
  box.prompt = "An expression over variables of the line, service, environment, host, pid and other facts. Empty: all hits.";
  box.value = view.tree.where ?? "";
  let waiting: NodeJS.Timeout | undefined;
  box.onDidChangeValue((text) => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const problem = await problemOf(session, text.trim());
      if (box.value === text) say(box, problem);
    }, PAUSE);
  });
  box.onDidAccept(async () => {
    const where = box.value.trim();
    const problem = await problemOf(session, where);
    if (problem !== undefined) return say(box, problem);
    box.busy = true;
    try {
      await view.filter(where || undefined);
      box.hide();
    } catch (error) {
      say(box, sentenceOf(error));
      await view.filter(undefined).catch(() => undefined);
    } finally {
      box.busy = false;
    }
  });
  box.onDidHide(() => {
    clearTimeout(waiting);
    box.dispose();
  });
  box.show();
}

function say(box: vscode.InputBox, problem: string | undefined): void {
  box.validationMessage = problem ?? "";
}

async function problemOf(session: LiveSession, where: string): Promise<string | undefined> {
  if (!where) return undefined;
  try {
    const result = await session.checkCondition(where);
    return result.ok ? undefined : inert(result.message ?? "This is no filter.");
  } catch (error) {
    return sentenceOf(error);
  }
}
