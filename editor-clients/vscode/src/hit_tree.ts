// The LiveBreak view's content: what is fetched of it, when, and what is kept. No VS Code API, so that it can be tested alone.

import { grow } from "./files";
import type {
  HitListParams,
  HitListResult,
  HitResult,
  ListedHit,
  OverviewResult,
  VariablesParams,
  VariablesResult,
} from "./messages";
import { type BreakpointNode, type Direction, type FileNode, type FrameNode, type HitNode, type Node, type Page, type VariableNode, more, note } from "./nodes";

/** What the tree asks of the language server. */
export interface Source {
  overview(): Promise<OverviewResult>;
  hitList(params: HitListParams): Promise<HitListResult>;
  hit(id: string): Promise<HitResult>;
  variables(params: VariablesParams): Promise<VariablesResult>;
}

/** Hits that are fetched at a time: somewhat more than a tall screen shows. */
export const HITS_PAGE = 50;
/** Variables that are fetched at a time: an object with more is seldom read to its end. */
export const VARIABLES_PAGE = 100;
/** Newest hits of a breakpoint that stay listed while more come, so that a hot line does not fill the memory. */
export const MOST_LISTED = 1000;
/** Breakpoints that a filter is applied to at a time, so that the connection has room for what somebody clicks. */
const SEARCHES = 4;

export class HitTree {
  files: FileNode[] = [];
  /** Only hits for which this is true; those breakpoints that have none are left out. */
  where: string | undefined;
  /** Why the whole cannot be shown. */
  trouble: string | undefined;
  /** Whether somebody looks at a hit of a breakpoint: newer ones must not push it away. */
  isHeld: (node: BreakpointNode) => boolean = () => false;
  /** Whether the hits of a breakpoint are in sight. */
  isUnfolded: (node: BreakpointNode) => boolean = () => false;
  /** True once there was an overview: an empty tree then says that there are no breakpoints. */
  isKnown = false;

  /** Grows when it is over: what was asked before is of no interest any more. */
  private connection = 0;

  /** `changed` hears which nodes to draw anew with what is below them; none is all of them. */
  constructor(
    private readonly source: Source,
    private readonly changed: (nodes?: Node[]) => void,
  ) {}

  get breakpoints(): BreakpointNode[] {
    return this.files.flatMap((file) => file.breakpoints);
  }

  /** Take over what there is now. */
  async refresh(): Promise<void> {
    const connection = this.connection;
    try {
      const { breakpoints } = await this.source.overview();
      if (connection !== this.connection) return;
      const growth = grow(this.files, breakpoints);
      const wasTrouble = this.trouble !== undefined || !this.isKnown;
      this.files = growth.files;
      this.trouble = undefined;
      this.isKnown = true;
      const shownBefore = this.shown();
      const stale = this.breakpoints.filter((node) => node.isStale && !this.isHeld(node));
      if (this.where !== undefined) await this.search(stale);
      // A row's icons are dead from when it is to be drawn anew until what is below it is there: so that is fetched before.
      else await this.search(stale.filter((node) => node.hits && this.isUnfolded(node))).catch(() => undefined);
      if (connection !== this.connection) return;
      const isOther = growth.isOther || wasTrouble || (this.where !== undefined && String(this.shown()) !== String(shownBefore));
      if (isOther) this.changed();
      else if (growth.changed.length) this.changed(growth.changed);
    } catch (error) {
      if (connection !== this.connection) return;
      this.trouble = messageOf(error);
      this.changed();
    }
  }

  /** How many hits breakpoints have by now, by their ids. What is listed below them waits for the next overview. */
  counted(counts: ReadonlyMap<string, number>): void {
    const more = this.breakpoints.filter(({ entry: { breakpoint } }) => (counts.get(breakpoint.id) ?? 0) > (breakpoint.hits ?? 0));
    for (const node of more) {
      const { breakpoint } = node.entry;
      node.entry = { ...node.entry, breakpoint: { ...breakpoint, hits: counts.get(breakpoint.id) ?? 0 } };
    }
    if (more.length) this.changed(more);
  }

  /** Nobody is connected: there is nothing to show. */
  clear(): void {
    this.connection += 1;
    this.files = [];
    this.trouble = undefined;
    this.isKnown = false;
    this.changed();
  }

  async filter(where: string | undefined): Promise<void> {
    this.where = where;
    for (const node of this.breakpoints) forgetHits(node);
    if (where !== undefined) await this.search(this.breakpoints);
    this.changed();
  }

  /** False if a filter was applied to a part of the hits only. */
  get isComplete(): boolean {
    return this.breakpoints.every((node) => node.isComplete);
  }

  /** True if a filter leaves something to show. */
  get hasMatches(): boolean {
    return this.roots().length > 0;
  }

  async children(node?: Node): Promise<Node[]> {
    try {
      switch (node?.kind) {
        case undefined:
          return this.trouble === undefined ? this.roots() : [note(undefined, this.trouble, true)];
        case "file":
          return node.breakpoints.filter((item) => this.isShown(item));
        case "breakpoint":
          return await this.hitsOf(node);
        case "hit":
          return await this.framesOf(node);
        case "frame":
        case "variable":
          return await this.variablesOf(node);
        default:
          return [];
      }
    } catch (error) {
      return [note(node, messageOf(error), true)];
    }
  }

  /** The next page of what a "more" stands for. */
  async showMore(node: BreakpointNode | FrameNode | VariableNode, direction: Direction = "on"): Promise<void> {
    if (node.kind === "breakpoint" && direction === "newer") await this.fetchNewest(node, { isAsked: true });
    else if (node.kind === "breakpoint") {
      const last = node.hits?.at(-1);
      const from = node.cursor !== undefined ? { cursor: node.cursor } : last ? { olderThan: last.hit.id } : undefined;
      if (from) await this.ask(node, from, "older");
    } else if (node.page) {
      const next = await this.page(node, node.page.variables.length);
      node.page = { ...next, variables: [...node.page.variables, ...next.variables] };
    }
    this.changed([node]);
  }

  /** What the server says of a hit; asked once. */
  async whole(node: HitNode): Promise<HitResult> {
    node.whole ??= await this.source.hit(node.hit.id);
    return node.whole;
  }

  // --- below the files

  private roots(): FileNode[] {
    return this.files.filter((file) => file.breakpoints.some((node) => this.isShown(node)));
  }

  private isShown(node: BreakpointNode): boolean {
    return this.where === undefined || (node.hits?.length ?? 0) > 0 || node.cursor !== undefined;
  }

  private shown(): string[] {
    return this.breakpoints.filter((node) => this.isShown(node)).map((node) => node.id);
  }

  private async search(nodes: BreakpointNode[]): Promise<void> {
    const waiting = nodes.filter((node) => node.entry.breakpoint.hits || node.entry.newest);
    const worker = async () => {
      for (let node = waiting.pop(); node; node = waiting.pop()) await this.fetchNewest(node);
    };
    await Promise.all(Array.from({ length: SEARCHES }, worker));
  }

  private async hitsOf(node: BreakpointNode): Promise<Node[]> {
    if (node.hits === undefined || (node.isStale && !this.isHeld(node))) await this.fetchNewest(node);
    const hits = node.hits ?? [];
    const { hits: total = 0, message } = node.entry.breakpoint;
    const newer = node.isStale ? total - (node.fetchedOf ?? total) : 0;
    const ahead = newer > 0 ? [more(node, this.where === undefined ? `Show ${newer} newer…` : "Search newer hits…", "newer")] : [];
    if (node.cursor !== undefined) return [...ahead, ...hits, more(node, "Search further back…")];
    if (hits.length === 0) return [note(node, this.where === undefined ? `No hits yet. ${message}` : "No hit for which the filter is true.")];
    return [...ahead, ...hits, ...(node.hasOlder ? [more(node, "Show older hits…")] : [])];
  }

  private async fetchNewest(node: BreakpointNode, { isAsked = false } = {}): Promise<void> {
    const { fetchedOf } = node;
    // What comes meanwhile makes it stale again.
    node.isStale = false;
    node.fetchedOf = node.entry.breakpoint.hits ?? 0;
    try {
      // Somebody may have begun to look at one of the hits that are listed.
      const isFree = () => isAsked || node.hits === undefined || !this.isHeld(node);
      if (await this.ask(node, {}, "newest", isFree)) return;
      node.isStale = true;
      if (fetchedOf !== undefined) node.fetchedOf = fetchedOf;
    } catch (error) {
      node.isStale = true;
      throw error;
    }
  }

  /** False if the answer was not to be taken by then. */
  private async ask(node: BreakpointNode, from: Partial<HitListParams>, where: "newest" | "older", isFree = () => true): Promise<boolean> {
    const filter = this.where;
    const page = await this.source.hitList({ ...this.question(node), ...from });
    // Under another filter these may be hits for which that is not true.
    if (filter !== this.where) return true;
    const isTaken = isFree();
    if (isTaken) take(node, page, where);
    return isTaken;
  }

  private question(node: BreakpointNode): HitListParams {
    const about = { breakpointId: node.entry.breakpoint.id, limit: HITS_PAGE };
    return this.where === undefined ? about : { ...about, where: this.where };
  }

  private async framesOf(node: HitNode): Promise<Node[]> {
    const whole = await this.whole(node);
    if (!node.frames) {
      const locals = whole.frames.map(
        (frame, index): FrameNode => ({ kind: "frame", id: `frame ${node.hit.id} ${index}`, parent: node, scope: "locals", index, frame }),
      );
      const watched = { function: "Watched expressions", filename: "", line: 0 };
      const watches: FrameNode = { kind: "frame", id: `watches ${node.hit.id}`, parent: node, scope: "watches", index: 0, frame: watched };
      node.frames = whole.watches?.length ? [watches, ...locals] : locals;
    }
    return node.frames;
  }

  private async variablesOf(node: FrameNode | VariableNode): Promise<Node[]> {
    node.page ??= await this.page(node, 0);
    const { variables, total } = node.page;
    const said = node.page.note ?? (total === 0 ? "Nothing was captured here." : undefined);
    const missing = total - variables.length;
    return [
      ...variables,
      ...(missing > 0 ? [more(node, `Show ${Math.min(missing, VARIABLES_PAGE)} more of ${total}…`)] : []),
      ...(said === undefined ? [] : [note(node, said)]),
    ];
  }

  private async page(node: FrameNode | VariableNode, offset: number): Promise<Page> {
    const frame = node.kind === "frame" ? node : node.frame;
    const hitId = frame.parent.hit.id;
    const path = node.kind === "frame" ? [] : node.variable.path;
    const answer = await this.source.variables({ hitId, frame: frame.index, path, scope: frame.scope, offset, limit: VARIABLES_PAGE });
    const variables = answer.variables.map(
      (variable): VariableNode => ({
        kind: "variable",
        id: `variable ${frame.id} ${JSON.stringify(variable.path)}`,
        parent: node,
        frame,
        variable,
      }),
    );
    // A page that is empty although more was promised ends the list.
    const total = variables.length ? answer.total : offset;
    return answer.note === undefined ? { variables, total } : { variables, total, note: answer.note };
  }
}

/** Put a page of hits where it belongs. Nodes that are there stay what they are. */
function take(node: BreakpointNode, page: HitListResult, where: "newest" | "older"): void {
  const known = new Map((node.hits ?? []).map((hit) => [hit.hit.id, hit]));
  const fetched = page.hits.map((hit) => known.get(hit.id) ?? hitNode(node, hit));
  const isNew = new Set(fetched.map((hit) => hit.hit.id));
  const rest = [...known.values()].filter((hit) => !isNew.has(hit.hit.id));
  if (where === "older") {
    node.hits = [...rest, ...fetched];
    node.hasOlder = page.hasOlder ?? false;
    setCursor(node, page);
  } else {
    // Where the newest page does not touch what was known, what lies between is missing: the list begins anew. It does, too, where
    // this page is all there is.
    const goesOn = page.hasOlder === true && rest.length > 0 && rest.length < known.size;
    const all = goesOn ? [...fetched, ...rest] : fetched;
    node.hits = all.slice(0, Math.max(MOST_LISTED, known.size));
    node.hasOlder = goesOn ? node.hasOlder || node.hits.length < all.length : (page.hasOlder ?? false);
    if (!goesOn) setCursor(node, page);
  }
  node.isComplete = page.complete ?? true;
}

/** Where a filter is searched for: all other pages go on from their last hit. */
function setCursor(node: BreakpointNode, page: HitListResult): void {
  if (page.complete === false && page.cursor !== undefined) node.cursor = page.cursor;
  else delete node.cursor;
}

function hitNode(parent: BreakpointNode, hit: ListedHit): HitNode {
  return { kind: "hit", id: `hit ${hit.id}`, parent, hit };
}

function forgetHits(node: BreakpointNode): void {
  delete node.hits;
  delete node.cursor;
  Object.assign(node, { isStale: true, hasOlder: false, isComplete: true });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
