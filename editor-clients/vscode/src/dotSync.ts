// Keeps VS Code's dots and what is armed in step: which dots are live, what is stated of them, and how they follow the server.

import * as vscode from "vscode";
import { LiveDots, type Departed } from "./dots";
import type { LiveMode } from "./live";
import type { BreakpointState, BreakpointsParams, EditorBreakpoint, Status } from "./messages";
import { isStored, mirror, missedBy, saidOf } from "./mirror";
import { isPython, lineOf, markFrom, markOf, newDot, pythonDots, tellOfHitCount, unusableHitCount, uriOf } from "./native";
import { inert } from "./plain";
import type { LiveSession } from "./session";
import { isNameless, targetOf } from "./targets";
import { tellError } from "./telling";

/** Until it is asked again what became of the breakpoints of dots from before, where there was no answer. */
const CATCH_UP_AGAIN_MS = 2000;

export class DotSync implements vscode.Disposable {
  private readonly drawEmitter = new vscode.EventEmitter<void>();
  private readonly localEmitter = new vscode.EventEmitter<vscode.SourceBreakpoint>();
  private readonly dots: LiveDots;
  /** The lists as they were last stated, so that the many events of one click state them once. */
  private readonly stated = new Map<string, string>();
  /** How many statements of a file are on their way: what is pushed meanwhile is older than what the user did. */
  private readonly underWay = new Map<string, number>();
  /** Breakpoints whose dots were removed, by file, until the server has answered a list without them. */
  private readonly unsaid = new Map<string, Departed[]>();
  /** Marks that the server has answered for since it knows of this target. */
  private readonly acknowledged = new Set<string>();
  /** Dots that this window adds to stay local although clicks are live. */
  private readonly local = new Set<string>();
  /** Dots that were taken away here. VS Code confirms each that was set, and of one that is gone by then that looks like a new one. */
  private readonly withdrawn = new Set<string>();
  private target: string | undefined;
  /** Dots whose breakpoints the backend had, until it is known what became of those while this window did not hear of them. */
  private readonly held = new Set<string>();
  private beginnings = 0;
  private catching: NodeJS.Timeout | undefined;

  /** What is to be shown is other than before. */
  readonly onDraw = this.drawEmitter.event;
  /** One dot was added that is local, and not because somebody asked for a local one. */
  readonly onLocal = this.localEmitter.event;

  constructor(
    private readonly session: LiveSession,
    private readonly live: LiveMode,
    memory: vscode.Memento,
  ) {
    this.dots = new LiveDots(memory);
    this.target = targetOf(session.status);
    this.hold();
  }

  dispose(): void {
    clearTimeout(this.catching);
    this.drawEmitter.dispose();
    this.localEmitter.dispose();
  }

  // --- what others ask

  /** Whether live breakpoints can be set now. */
  get isConnected(): boolean {
    return this.target !== undefined;
  }

  isLive(dot: vscode.Breakpoint): boolean {
    return this.dots.has(dot.id);
  }

  /** Live, but of another backend or project than this window is connected to. */
  isElsewhere(dot: vscode.Breakpoint): boolean {
    const known = this.dots.get(dot.id);
    return known !== undefined && known.target !== this.target;
  }

  /** What is said of a dot that is live elsewhere; as long as the backend has not said which project this is, that may be here. */
  whereOf(dot: vscode.Breakpoint): string {
    const where = this.dots.get(dot.id)?.target ?? "another project";
    const isAway = this.target !== undefined && isNameless(this.target) && where.endsWith(this.target);
    return inert(`${isAway ? "offline" : "not connected"}: live in ${where}`);
  }

  /** Hit counts of live dots that a live breakpoint has no use for, by line. */
  unusableHitCounts(uri: string): ReadonlyMap<number, string> {
    const live = this.ownDots(uri).map((dot) => [lineOf(dot), unusableHitCount(dot)] as const);
    return new Map(live.filter((it): it is readonly [number, string] => it[1] !== undefined));
  }

  dotAt(uri: string, line: number): vscode.SourceBreakpoint | undefined {
    return pythonDots(uri).find((dot) => lineOf(dot) === line);
  }

  /** Everybody's breakpoints of a file; one's own on the lines of their dots, also those that the server has not answered for. */
  statesOf(uri: string): BreakpointState[] {
    const own = new Map(this.ownDots(uri).map((dot) => [this.markIdOf(dot), dot]));
    const states = this.session.statesOf(uri).flatMap((state) => {
      const dot = own.get(state.editorId ?? "");
      if (dot) return [{ ...state, line: lineOf(dot) }];
      // What is about to be removed is not shown any more.
      return this.isLeaving(state.id) || this.wasRemoved(uri, state) ? [] : [state];
    });
    const known = new Set(states.map((state) => state.editorId));
    const waiting = [...own].filter(([mark]) => !known.has(mark));
    const { connection, message = "" } = this.session.status ?? {};
    const told = (dot: vscode.Breakpoint) =>
      connection === "offline" && this.held.has(dot.id) ? { state: connection, message } : { state: "sending", message: "" };
    return [...states, ...waiting.map(([id, dot]) => ({ id, editorId: id, line: lineOf(dot), ...told(dot), mine: true }))];
  }

  /** Set a live breakpoint, or make what is on the line one. */
  add(uri: string, mark: Omit<EditorBreakpoint, "id">): void {
    const there = this.dotAt(uri, mark.line);
    if (there && this.isLive(there) && !this.isElsewhere(there)) return this.change(there, mark);
    const dot = newDot(uri, mark, there?.hitCondition);
    this.makeLive(dot);
    this.exchange(there, dot);
  }

  /** Set a breakpoint of VS Code's own kind, or make the live one on the line that. */
  addLocal(uri: string, line: number): void {
    const there = this.dotAt(uri, line);
    if (there && !this.isLive(there)) return;
    const dot = newDot(uri, there ? { ...markOf(there, ""), line } : { line, enabled: true }, there?.hitCondition);
    this.local.add(dot.id);
    this.exchange(there, dot, { isRemoval: true });
  }

  /** Give a live dot other words. */
  change(dot: vscode.SourceBreakpoint, mark: Omit<EditorBreakpoint, "id">): void {
    this.replace([{ dot, mark }]);
  }

  remove(dot: vscode.SourceBreakpoint): void {
    this.withdraw([dot]);
  }

  /** Arm dots that were local. Debug sessions that run are told anew, for they must not stop there any more. */
  arm(dots: readonly vscode.SourceBreakpoint[]): void {
    for (const dot of dots) {
      if (vscode.debug.activeDebugSession) this.add(uriOf(dot), markOf(dot, ""));
      else this.makeLive(dot);
      tellOfHitCount(dot);
    }
    this.stateAll();
  }

  /** Those that were set before clicks became live. */
  localDots(): vscode.SourceBreakpoint[] {
    return pythonDots().filter((dot) => !this.isLive(dot));
  }

  // --- what happens

  /** The server runs, for the first time or again: it knows nothing of us. */
  started(): void {
    this.forgetStatements();
    this.stateAll();
  }

  connected(status: Status): void {
    this.turnTo(targetOf(status));
    // Once it is, all breakpoints are known to the server.
    if (status.connection === "connected" && this.held.size) void this.catchUp();
  }

  private turnTo(target: string | undefined): void {
    const before = this.target;
    if (target === before) return;
    this.target = target;
    if (target !== undefined) this.dots.keep(new Set(vscode.debug.breakpoints.map((dot) => dot.id)));
    // What was set while the connection was made is of the project that it turned out to be.
    if (before !== undefined && isNameless(before) && target?.endsWith(before)) this.dots.rename(before, target);
    else this.forgetStatements();
    this.stateAll();
    this.drawEmitter.fire();
  }

  /** The user, VS Code, or this class changed dots. */
  dotsChanged({ added, removed, changed }: vscode.BreakpointsChangeEvent): void {
    const files = new Set<string>();
    for (const dot of added) {
      if (!(dot instanceof vscode.SourceBreakpoint) || !isPython(dot.location.uri) || this.withdrawn.has(dot.id)) continue;
      const isOwn = this.dots.has(dot.id) || this.local.delete(dot.id);
      if (!isOwn && this.live.isOn && this.target !== undefined) this.makeLive(dot);
      else if (!isOwn && added.length === 1) this.localEmitter.fire(dot);
      files.add(uriOf(dot));
    }
    for (const dot of removed) {
      if (!(dot instanceof vscode.SourceBreakpoint) || this.withdrawn.delete(dot.id)) continue;
      const known = this.dots.get(dot.id);
      if (!known) continue;
      this.dots.delete(dot.id);
      const departed = known.breakpoint !== undefined && { target: known.target, breakpoint: known.breakpoint };
      if (departed) this.leave(uriOf(dot), departed, { wasStated: !this.held.delete(dot.id) });
      files.add(uriOf(dot));
    }
    for (const dot of changed) if (dot instanceof vscode.SourceBreakpoint && this.isLive(dot)) files.add(uriOf(dot));
    for (const dot of [...added, ...changed]) if (dot instanceof vscode.SourceBreakpoint && this.isLive(dot)) tellOfHitCount(dot);
    this.drawEmitter.fire();
    for (const uri of files) void this.state(uri);
  }

  /** The server told the states of a file. */
  follow({ uri, version, breakpoints }: BreakpointsParams): void {
    const marks = new Map(this.ownDots(uri).map((dot) => [this.markIdOf(dot), dot]));
    for (const state of breakpoints) {
      const dot = marks.get(state.editorId ?? "");
      const known = dot && this.dots.get(dot.id);
      if (!dot || !known) continue;
      this.acknowledged.add(known.mark);
      if (state.id !== known.mark) this.dots.set(dot.id, { ...known, breakpoint: state.id, ...(isStored(state) ? { said: saidOf(state) } : {}) });
    }
    const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
    const isNow = !document || version === undefined || version === document.version;
    // Silence about a mark means that its breakpoint is gone, but not while another project is asked.
    if (isNow && this.isSettled(uri) && !this.session.isSwitching) this.mirror(uri, breakpoints);
    this.drawEmitter.fire();
  }

  /** Files that have breakpoints of mine, but no dots yet: the server is asked for their states. */
  async overlook(): Promise<void> {
    if (this.target === undefined) return;
    const overview = await this.session.overview().catch(() => undefined);
    for (const { uri, breakpoint } of overview?.breakpoints ?? []) {
      const spelled = uri && vscode.Uri.parse(uri).toString();
      if (spelled && breakpoint.mine && !this.stated.has(spelled)) void this.state(spelled);
    }
  }

  /** A file was opened. What was said of it before it was closed may be old: the server follows files that are open. */
  opened(uri: string): void {
    this.stated.delete(uri);
    void this.state(uri);
  }

  stateAll(before: Iterable<string> = this.stated.keys()): void {
    const files = new Set([...before, ...pythonDots().filter((dot) => this.isLive(dot)).map(uriOf)]);
    for (const document of vscode.workspace.textDocuments) if (isPython(document.uri)) files.add(document.uri.toString());
    for (const uri of files) void this.state(uri);
  }

  // --- inside

  /** What was done elsewhere meanwhile must not be undone by stating how it was. */
  private async catchUp(): Promise<void> {
    const { beginnings } = this;
    const overview = await this.session.overview().catch(() => undefined);
    if (beginnings !== this.beginnings || !this.held.size) return;
    if (!overview || this.session.isSwitching) {
      clearTimeout(this.catching);
      this.catching = setTimeout(() => void (this.session.status?.connection === "connected" && this.catchUp()), CATCH_UP_AGAIN_MS);
      return;
    }
    this.takeOver(new Map(overview.breakpoints.map(({ breakpoint }) => [breakpoint.id, breakpoint])));
    this.held.clear();
    // All anew: the answers tell what has left meanwhile, too.
    const files = [...this.stated.keys()];
    this.stated.clear();
    this.stateAll(files);
  }

  private takeOver(states: ReadonlyMap<string, BreakpointState>): void {
    const dots = pythonDots().flatMap((dot) => {
      const known = this.dots.get(dot.id);
      return known && known.target === this.target && this.held.has(dot.id) ? [{ dot, says: saidOf(markOf(dot, "")), known }] : [];
    });
    const { changed, removed } = missedBy(dots, states);
    this.replace(changed.map(({ dot, state }) => ({ dot, mark: markFrom(state) })), removed);
    if (!removed.length) return;
    const them = removed.length === 1 ? "A live breakpoint of this window was" : `${removed.length} live breakpoints of this window were`;
    void vscode.window.showInformationMessage(`LiveBreak: ${them} removed elsewhere while it was away.`);
  }

  /** State the whole list of a file's marks. While the server is away they wait, and are stated when it comes. */
  private async state(uri: string): Promise<void> {
    if (this.target === undefined || !this.session.isRunning) return;
    const dots = this.ownDots(uri).filter((dot) => !this.held.has(dot.id));
    const breakpoints = dots.map((dot) => markOf(dot, this.markIdOf(dot)));
    // The server follows the text by itself: a mark that only moved with it is no news.
    const list = JSON.stringify(breakpoints.map((mark) => (this.acknowledged.has(mark.id) ? { ...mark, line: 0 } : mark)));
    if (this.stated.get(uri) === list) return;
    this.stated.set(uri, list);
    const version = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri)?.version;
    this.underWay.set(uri, (this.underWay.get(uri) ?? 0) + 1);
    const leaving = this.unsaid.get(uri) ?? [];
    this.unsaid.delete(uri);
    try {
      const answer = await this.session.setBreakpoints({ uri, breakpoints, ...(version === undefined ? {} : { version }) });
      this.landed(uri);
      this.follow({ ...answer, uri });
    } catch (error) {
      this.landed(uri);
      this.stated.delete(uri);
      for (const departed of leaving) this.dots.depart(departed);
      tellError(error);
    }
  }

  /** Its dot is gone. The next list says so; where no list can be stated now, its backend is told when it is there again. */
  private leave(uri: string, departed: Departed, { wasStated }: { wasStated: boolean }): void {
    if (departed.target !== this.target || !this.session.isRunning || !wasStated) this.dots.depart(departed);
    else this.unsaid.set(uri, [...(this.unsaid.get(uri) ?? []), departed]);
  }

  private landed(uri: string): void {
    this.underWay.set(uri, (this.underWay.get(uri) ?? 1) - 1);
  }

  private isSettled(uri: string): boolean {
    return this.stated.has(uri) && !this.underWay.get(uri);
  }

  private mirror(uri: string, states: readonly BreakpointState[]): void {
    const target = this.target;
    if (target === undefined || isNameless(target)) return;
    const own = this.ownDots(uri);
    const dotOf = new Map(own.map((dot) => [this.markIdOf(dot), dot]));
    const taken = new Set(pythonDots(uri).map(lineOf));
    const marks = own.map((dot) => markOf(dot, this.markIdOf(dot)));
    const held = new Set(own.filter((dot) => this.held.has(dot.id)).map((dot) => this.dots.get(dot.id)?.breakpoint));
    const { added, changed, removed } = mirror(marks, this.acknowledged, states, taken, (id) => this.isLeaving(id) || held.has(id));
    for (const state of states) if (this.isLeaving(state.id)) this.removeDeparted(uri, target, state);
    const fresh = added.map((state) => {
      const dot = newDot(uri, markFrom(state));
      this.dots.set(dot.id, { target, mark: dot.id, breakpoint: state.id, ...(isStored(state) ? { said: saidOf(state) } : {}) });
      return dot;
    });
    const others = changed.flatMap(({ mark, state }) => {
      const dot = dotOf.get(mark);
      return dot ? [{ dot, mark: markFrom(state) }] : [];
    });
    const gone = removed.flatMap((mark) => dotOf.get(mark) ?? []);
    this.replace(others, gone, fresh);
  }

  private removeDeparted(uri: string, target: string, { id: breakpoint, mine }: BreakpointState): void {
    // The dot stood for a teammate's, which is theirs to remove.
    if (!mine) return this.dots.forget(target, breakpoint);
    this.session.execute("livebreak.remove", { uri, id: breakpoint }).then(() => this.dots.forget(target, breakpoint), tellError);
  }

  private isLeaving(breakpoint: string): boolean {
    return this.target !== undefined && this.dots.hasDeparted(this.target, breakpoint);
  }

  /** Its dot is not there any more, and the server is being told. */
  private wasRemoved(uri: string, state: BreakpointState): boolean {
    return state.mine && state.editorId !== undefined && this.acknowledged.has(state.editorId) && !this.isSettled(uri);
  }

  private makeLive(dot: vscode.SourceBreakpoint): void {
    if (this.target !== undefined) this.dots.set(dot.id, { target: this.target, mark: dot.id });
  }

  /** Give live dots other words or lines, and let others go and come. */
  private replace(
    changes: readonly { dot: vscode.SourceBreakpoint; mark: Omit<EditorBreakpoint, "id"> }[],
    gone: readonly vscode.SourceBreakpoint[] = [],
    fresh: readonly vscode.SourceBreakpoint[] = [],
  ): void {
    const changed = changes.map(({ dot, mark }) => {
      const other = newDot(uriOf(dot), mark, dot.hitCondition);
      const known = this.dots.get(dot.id);
      if (known) this.dots.set(other.id, known);
      if (this.held.has(dot.id)) this.held.add(other.id);
      return other;
    });
    const old = [...changes.map(({ dot }) => dot), ...gone];
    // Known no more before they go: else their removal would be the user's.
    for (const dot of old) this.dots.delete(dot.id);
    // All of them first: VS Code drops a dot that comes to a line where another one is still.
    if (old.length) this.withdraw(old);
    if (changed.length || fresh.length) vscode.debug.addBreakpoints([...changed, ...fresh]);
  }

  /** Put a dot where another was, or where none was. */
  private exchange(old: vscode.SourceBreakpoint | undefined, dot: vscode.SourceBreakpoint, { isRemoval = false } = {}): void {
    // The new one has taken the old one's place in the list of live ones; else its removal is one.
    if (old && !isRemoval) this.dots.delete(old.id);
    if (old) this.withdraw([old]);
    vscode.debug.addBreakpoints([dot]);
  }

  private withdraw(dots: readonly vscode.SourceBreakpoint[]): void {
    // What that means is heard of at once, before they are here for dots that come back.
    vscode.debug.removeBreakpoints(dots);
    for (const dot of dots) this.withdrawn.add(dot.id);
  }

  private ownDots(uri: string): vscode.SourceBreakpoint[] {
    return pythonDots(uri).filter((dot) => this.target !== undefined && this.dots.get(dot.id)?.target === this.target);
  }

  private markIdOf(dot: vscode.SourceBreakpoint): string {
    return this.dots.get(dot.id)?.mark ?? dot.id;
  }

  private hold(): void {
    clearTimeout(this.catching);
    this.held.clear();
    for (const dot of pythonDots()) if (this.dots.get(dot.id)?.said !== undefined) this.held.add(dot.id);
  }

  private forgetStatements(): void {
    this.beginnings += 1;
    this.hold();
    this.stated.clear();
    this.acknowledged.clear();
  }
}
