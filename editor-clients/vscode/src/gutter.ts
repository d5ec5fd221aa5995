// The gutter, wired: what happens to dots, what the server says, and what is drawn in the editors that are in sight.

import * as vscode from "vscode";
import { Decorations, type Shown } from "./decorations";
import { DotSync } from "./dotSync";
import { FirstClick } from "./first_click";
import { registerLineMenu } from "./lineMenu";
import type { LiveMode } from "./live";
import { columnsOf, fitting, lookOf, wordsOf, type Look } from "./looks";
import { isPython, lineOf, pythonDots } from "./native";
import { Paced } from "./paced";
import { inert } from "./plain";
import type { LiveSession } from "./session";
import { isAsked, lineEnd, lineEndColumn } from "./surfaces";
import { LiveLinesTracker } from "./tracker";

/** Between two drawings: a hundred hot lines push two hundred times a second, and no eye follows that. */
const DRAW_MS = 100;

export function registerGutter(context: vscode.ExtensionContext, session: LiveSession, live: LiveMode): vscode.Disposable[] {
  const gutter = new DotSync(session, live, context.workspaceState);
  const decorations = new Decorations(context.extensionUri);
  const first = new FirstClick(context.globalState, session, live, gutter);
  const drawing = new Paced(() => {
    for (const editor of vscode.window.visibleTextEditors)
      if (isPython(editor.document.uri)) decorations.show(editor, shownIn(editor, session, gutter));
  }, DRAW_MS);
  const draw = () => drawing.soon();
  return [
    gutter,
    decorations,
    drawing,
    session.onStarted(() => {
      gutter.started();
      session.askStatus().catch(() => undefined);
    }),
    session.onStatus((status) => {
      gutter.connected(status);
      void first.settled();
    }),
    session.onBreakpoints((params) => gutter.follow(params)),
    session.onForgotten(draw),
    session.onHits(draw),
    session.onChanged(() => void gutter.overlook()),
    live.onChange((isOn) => void (isOn && offer(session, gutter))),
    gutter.onDraw(draw),
    gutter.onLocal((dot) => void first.clicked(dot)),
    vscode.window.onDidChangeVisibleTextEditors(draw),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("livebreak.surfaces") && draw()),
    vscode.workspace.onDidOpenTextDocument((document) => isPython(document.uri) && gutter.opened(document.uri.toString())),
    vscode.debug.onDidChangeBreakpoints((event) => gutter.dotsChanged(event)),
    // The debugger of our own type only looks at what is live.
    vscode.debug.registerDebugAdapterTrackerFactory("*", {
      createDebugAdapterTracker: (debugging) =>
        debugging.type === "livebreak" ? undefined : new LiveLinesTracker((path) => liveLines(path, gutter)),
    }),
    ...registerLineMenu(session, gutter),
  ];
}

/** What was in the gutter before clicks became live is armed only if the user says so. */
async function offer(session: LiveSession, gutter: DotSync): Promise<void> {
  const dots = gutter.localDots();
  if (!dots.length) return;
  const them = dots.length === 1 ? "the breakpoint that is" : `the ${dots.length} breakpoints that are`;
  const where = inert(session.status?.project ?? "the running processes");
  const answer = await vscode.window.showInformationMessage(
    `LiveBreak: arm ${them} already in the gutter in ${where}? Otherwise ${dots.length === 1 ? "it stays" : "they stay"} local.`,
    "Arm",
    "Keep Local",
  );
  if (answer === "Arm") gutter.arm(gutter.localDots().filter((dot) => dots.some((it) => it.id === dot.id)));
}

function shownIn(editor: vscode.TextEditor, session: LiveSession, gutter: DotSync): Shown[] {
  const { document } = editor;
  const uri = document.uri.toString();
  const isHere = lineEnd() === "decoration";
  const most = lineEndColumn();
  const tabSize = Number(editor.options.tabSize) || 4;
  const hitCounts = gutter.unusableHitCounts(uri);
  const show = (line: number, look: Look, full: string, mine: boolean, isOurs = false): Shown => {
    const code = line < document.lineCount ? document.lineAt(line).text : "";
    const text = isHere ? fitting(full, columnsOf(code, tabSize), most) : "";
    // The server's hover says all that the server said; `isOurs` it does not know.
    return { line, look, text, mine, ...(isOurs || (text !== full && isHere && !isAsked("hover")) ? { full } : {}) };
  };
  const shown = gutter.statesOf(uri).map((state) => {
    const hitCount = state.mine ? hitCounts.get(state.line) : undefined;
    return show(state.line, lookOf(state, hitCount), wordsOf(state, session.hitsOf(state.id)?.summary, hitCount), state.mine, hitCount !== undefined);
  });
  const away = pythonDots(uri).filter((dot) => gutter.isElsewhere(dot));
  return [...shown, ...away.map((dot) => show(lineOf(dot), "off", gutter.whereOf(dot), true, true))];
}

/** 1-based, as debuggers have them. */
function liveLines(path: string, gutter: DotSync): ReadonlySet<number> {
  const uri = vscode.Uri.file(path).toString();
  return new Set(pythonDots(uri).filter((dot) => gutter.isLive(dot)).map((dot) => lineOf(dot) + 1));
}
