// Keeps live breakpoints out of local debug sessions. VS Code sends every enabled dot to every session, and a debugger that takes a
// live one stops there. A tracker sees each message before the debugger does, and may change it.

import type * as vscode from "vscode";

const MESSAGE = "Live breakpoint: armed in running processes, not in this session.";

interface Message {
  type?: string;
  seq?: number;
  command?: string;
  request_seq?: number;
  arguments?: { source?: { path?: string }; breakpoints?: { line: number }[]; lines?: number[] };
  body?: { breakpoints?: object[] };
}

/** For one session. `liveLines` answers the 1-based lines of a file that have a live dot. */
export class LiveLinesTracker implements vscode.DebugAdapterTracker {
  /** What was taken out of requests that have no response yet: for each line of the request, whether it was. */
  private readonly taken = new Map<number, boolean[]>();

  constructor(private readonly liveLines: (path: string) => ReadonlySet<number>) {}

  onWillReceiveMessage(message: Message): void {
    const wanted = message.arguments?.breakpoints;
    const path = message.arguments?.source?.path;
    if (message.type !== "request" || message.command !== "setBreakpoints" || !wanted || !path || message.seq === undefined) return;
    const live = this.liveLines(path);
    const isTaken = wanted.map(({ line }) => live.has(line));
    if (!isTaken.includes(true)) return;
    this.taken.set(message.seq, isTaken);
    message.arguments = { ...message.arguments, breakpoints: wanted.filter((_, index) => !isTaken[index]) };
    // What the protocol had before `breakpoints`; debuggers may read either.
    if (message.arguments.lines) message.arguments.lines = message.arguments.lines.filter((line) => !live.has(line));
  }

  onDidSendMessage(message: Message): void {
    const isTaken = message.type === "response" ? this.taken.get(message.request_seq ?? -1) : undefined;
    if (!isTaken) return;
    this.taken.delete(message.request_seq ?? -1);
    if (!message.body?.breakpoints) return;
    // VS Code finds each answer by its place in the list that it sent.
    const answers = [...message.body.breakpoints];
    message.body.breakpoints = isTaken.map((isLive) => (isLive ? { verified: false, message: MESSAGE } : (answers.shift() ?? { verified: false })));
  }
}
