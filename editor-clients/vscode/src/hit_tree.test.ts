import assert from "node:assert/strict";
import { test } from "node:test";
import { HITS_PAGE, HitTree, VARIABLES_PAGE } from "./hit_tree";
import type { HitListParams, ListedHit, OverviewBreakpoint, VariablesParams } from "./messages";
import { type BreakpointNode, type FrameNode, type HitNode, type Node, parentOf } from "./nodes";

/** Answers as the server does, from a list of hits with the newest first. */
class Answers {
  entries: OverviewBreakpoint[] = [];
  hits: ListedHit[] = [];
  fields = 0;
  asked: HitListParams[] = [];
  failure: string | undefined;

  async overview() {
    this.fail();
    return { breakpoints: structuredClone(this.entries) };
  }

  async hitList(params: HitListParams) {
    this.fail();
    this.asked.push(params);
    const wanted = this.hits.filter((hit) => hit.breakpointId === params.breakpointId && (!params.where || hit.summary === params.where));
    const from = params.olderThan === undefined ? 0 : wanted.findIndex((hit) => hit.id === params.olderThan) + 1;
    const page = wanted.slice(from, from + (params.limit ?? 50));
    if (params.where === "rare") return params.cursor ? { hits: this.hits.slice(0, 1) } : { hits: [], complete: false, cursor: "there" };
    return { hits: page, hasOlder: from + page.length < wanted.length };
  }

  async hit(id: string) {
    this.fail();
    return { id, breakpointId: "b1", timestamp: "", frames: [{ function: "total", filename: "cart.py", line: 2 }] };
  }

  async variables({ path, offset = 0, limit = 100 }: VariablesParams) {
    const count = Math.max(Math.min(this.fields - offset, limit), 0);
    const variables = Array.from({ length: count }, (_, index) => {
      const name = `v${offset + index}`;
      return { name, type: "int", text: "1", path: [...path, name], children: 0 };
    });
    return { variables, total: this.fields };
  }

  hit_(number: number, breakpointId = "b1"): void {
    const hit = { id: `${breakpointId}-${number}`, breakpointId, timestamp: "", summary: number % 2 ? "odd" : "even" };
    this.hits.unshift(hit);
    const entry = this.entries.find((one) => one.breakpoint.id === breakpointId);
    assert.ok(entry);
    entry.breakpoint.hits = (entry.breakpoint.hits ?? 0) + 1;
    entry.newest = { id: hit.id, breakpointId, timestamp: "", filename: entry.filename, lineNumber: 1 };
  }

  private fail(): void {
    if (this.failure !== undefined) throw new Error(this.failure);
  }
}

function entry(id: string, filename = "shop/cart.py", line = 1, uri?: string): OverviewBreakpoint {
  return { filename, breakpoint: { id, line, state: "bound", message: "", mine: true }, ...(uri ? { uri } : {}) };
}

async function planted(...entries: OverviewBreakpoint[]): Promise<{ answers: Answers; tree: HitTree; changes: (string[] | "all")[] }> {
  const answers = new Answers();
  const changes: (string[] | "all")[] = [];
  const tree = new HitTree(answers, (nodes) => changes.push(nodes?.map((node) => node.id) ?? "all"));
  answers.entries = entries;
  await tree.refresh();
  return { answers, tree, changes };
}

const ids = (nodes: readonly Node[]) => nodes.map((node) => node.id);
const first = async <T extends Node>(tree: HitTree, node?: Node) => (await tree.children(node))[0] as T;
const only = (tree: HitTree) => tree.breakpoints[0] as BreakpointNode;

test("files of the workspace come first, and breakpoints by line", async () => {
  const { tree } = await planted(entry("b1", "a.py", 9), entry("b2", "z.py", 1, "file:///z.py"), entry("b3", "a.py", 2));
  const files = await tree.children();
  assert.deepEqual(ids(files), ["file  z.py", "file  a.py"]);
  assert.deepEqual(ids(await tree.children(files[1])), ["breakpoint b3", "breakpoint b1"]);
});

test("the hits of a row that is unfolded are there before it is drawn anew", async () => {
  const { answers, tree, changes } = await planted(entry("b1"), entry("b2"));
  answers.hit_(1);
  await tree.refresh();
  await Promise.all(tree.breakpoints.map((node) => tree.children(node)));
  tree.isUnfolded = (node) => node === only(tree);
  changes.length = answers.asked.length = 0;
  for (const id of ["b1", "b2"]) answers.hit_(2, id);
  await tree.refresh();
  assert.deepEqual([changes, answers.asked.map((it) => it.breakpointId)], [[["breakpoint b1", "breakpoint b2"]], ["b1"]]);
  assert.deepEqual([ids(await tree.children(only(tree))), answers.asked.length], [["hit b1-2", "hit b1-1"], 1]);
});

test("a hit that somebody unfolds while newer ones are fetched stays where it is", async () => {
  const { answers, tree } = await planted(entry("b1"));
  answers.hit_(1);
  await tree.refresh();
  await tree.children(only(tree));
  tree.isUnfolded = () => true;
  answers.hit_(2);
  const refreshed = tree.refresh();
  tree.isHeld = () => answers.asked.length > 1;
  await refreshed;
  assert.deepEqual([answers.asked.length, ids(await tree.children(only(tree)))], [2, ["more newer breakpoint b1", "hit b1-1"]]);
  await tree.showMore(only(tree), "newer");
  assert.deepEqual(ids(await tree.children(only(tree))), ["hit b1-2", "hit b1-1"]);
});

test("from one overview to the next nodes are the same objects, and only what changed is told", async () => {
  const { answers, tree, changes } = await planted(entry("b1"), entry("b2"));
  const [file, breakpoint] = [tree.files[0], only(tree)];
  changes.length = 0;
  answers.hit_(1);
  await tree.refresh();
  await tree.refresh();
  assert.equal(tree.files[0], file);
  assert.equal(only(tree), breakpoint);
  assert.deepEqual(changes, [["breakpoint b1"]]);
});

test("a breakpoint that comes or goes changes the whole", async () => {
  const { answers, tree, changes } = await planted(entry("b1"));
  answers.entries.push(entry("b2", "other.py"));
  await tree.refresh();
  answers.entries = [];
  await tree.refresh();
  assert.deepEqual(changes, ["all", "all", "all"]);
  assert.deepEqual([await tree.children(), tree.isKnown], [[], true]);
});

test("hits are fetched when somebody looks, newest first, and go on being the same nodes", async () => {
  const { answers, tree } = await planted(entry("b1"));
  answers.hit_(1);
  await tree.refresh();
  assert.deepEqual(answers.asked, []);
  const old = await first<HitNode>(tree, only(tree));
  answers.hit_(2);
  await tree.refresh();
  const now = await tree.children(only(tree));
  assert.deepEqual(ids(now), ["hit b1-2", "hit b1-1"]);
  assert.equal(now[1], old);
});

test("older hits are shown a page at a time, and stay when newer ones come", async () => {
  const { answers, tree } = await planted(entry("b1"));
  for (let number = 0; number < HITS_PAGE + 10; number++) answers.hit_(number);
  await tree.refresh();
  const page = await tree.children(only(tree));
  assert.deepEqual([page.length, page.at(-1)?.kind], [HITS_PAGE + 1, "more"]);
  await tree.showMore(only(tree));
  assert.deepEqual((await tree.children(only(tree))).length, HITS_PAGE + 10);
  answers.hit_(100);
  await tree.refresh();
  const all = await tree.children(only(tree));
  assert.deepEqual([all[0]?.id, all.length, all.at(-1)?.id], ["hit b1-100", HITS_PAGE + 11, "hit b1-0"]);
});

test("what somebody looks at stays where it is, until they ask for the newer ones", async () => {
  const { answers, tree } = await planted(entry("b1"));
  answers.hit_(1);
  await tree.refresh();
  await tree.children(only(tree));
  tree.isHeld = () => true;
  answers.hit_(2);
  answers.hit_(3);
  await tree.refresh();
  const held = await tree.children(only(tree));
  assert.deepEqual(held.map((node) => (node.kind === "more" ? node.label : node.id)), ["Show 2 newer…", "hit b1-1"]);
  await tree.showMore(only(tree), "newer");
  assert.deepEqual(ids(await tree.children(only(tree))), ["hit b1-3", "hit b1-2", "hit b1-1"]);
});

test("where more came than a page holds the list begins anew, without a gap in it", async () => {
  const { answers, tree } = await planted(entry("b1"));
  answers.hit_(0);
  await tree.refresh();
  await tree.children(only(tree));
  for (let number = 1; number <= HITS_PAGE + 5; number++) answers.hit_(number);
  await tree.refresh();
  const page = await tree.children(only(tree));
  assert.deepEqual([page[0]?.id, page.length, page.at(-1)?.kind], [`hit b1-${HITS_PAGE + 5}`, HITS_PAGE + 1, "more"]);
});

test("hits that were purged are gone from the list", async () => {
  const { answers, tree } = await planted(entry("b1"));
  for (const number of [1, 2, 3]) answers.hit_(number);
  await tree.refresh();
  await tree.children(only(tree));
  answers.hits = answers.hits.slice(0, 1);
  answers.entries[0]!.breakpoint.hits = 1;
  await tree.refresh();
  assert.deepEqual(ids(await tree.children(only(tree))), ["hit b1-3"]);
});

test("a filter leaves out breakpoints without a matching hit, until one comes", async () => {
  const { answers, tree, changes } = await planted(entry("b1"), entry("b2", "other.py"));
  answers.hit_(1, "b1");
  answers.hit_(2, "b2");
  await tree.refresh();
  await tree.filter("even");
  assert.deepEqual(ids(await tree.children()), ["file  other.py"]);
  changes.length = 0;
  answers.hit_(4, "b1");
  await tree.refresh();
  assert.deepEqual([changes, ids(await tree.children())], [["all"], ["file  other.py", "file  shop/cart.py"]]);
  await tree.filter(undefined);
  assert.deepEqual(ids(await tree.children(only(tree))).length, 1);
});

test("it says where a filter was applied to a part of the hits only, and searches on when it is asked to", async () => {
  const { answers, tree } = await planted(entry("b1"));
  answers.hit_(1);
  await tree.refresh();
  await tree.filter("odd");
  const all = tree.isComplete;
  await tree.filter("rare");
  const part = [tree.isComplete, (await tree.children(only(tree))).map((node) => node.kind)];
  await tree.showMore(only(tree));
  assert.deepEqual([all, part, ids(await tree.children(only(tree)))], [true, [false, ["more"]], ["hit b1-1"]]);
});

test("variables come in pages, and their parents lead back to the file", async () => {
  const { answers, tree } = await planted(entry("b1"));
  answers.hit_(1);
  answers.fields = VARIABLES_PAGE + 1;
  await tree.refresh();
  const frame = await first<FrameNode>(tree, await first(tree, only(tree)));
  const page = await tree.children(frame);
  assert.deepEqual([page.length, page.at(-1)?.kind], [VARIABLES_PAGE + 1, "more"]);
  await tree.showMore(frame);
  const all = await tree.children(frame);
  assert.equal(all.length, VARIABLES_PAGE + 1);
  const way: string[] = [];
  for (let node: Node | undefined = all.at(-1); node; node = parentOf(node)) way.push(node.kind);
  assert.deepEqual(way, ["variable", "frame", "hit", "breakpoint", "file"]);
});

test("what cannot be fetched is said where it is missing, and fetched the next time", async () => {
  const { answers, tree } = await planted(entry("b1"));
  answers.hit_(1);
  await tree.refresh();
  answers.failure = "The backend does not answer.";
  const [said] = await tree.children(only(tree));
  assert.deepEqual([said?.kind, said?.kind === "note" && said.text], ["note", "The backend does not answer."]);
  await tree.refresh();
  assert.deepEqual(ids(await tree.children()), ["note "]);
  answers.failure = undefined;
  await tree.refresh();
  assert.deepEqual([ids(await tree.children()), ids(await tree.children(only(tree)))], [["file  shop/cart.py"], ["hit b1-1"]]);
});

/** From now on this source answers only when it is told to. */
function held<K extends "overview" | "hitList">(answers: Answers, name: K): () => void {
  const real = answers[name].bind(answers) as (...given: unknown[]) => Promise<unknown>;
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  Object.assign(answers, {
    [name]: async (...given: unknown[]) => {
      const answer = await real(...given);
      Object.assign(answers, { [name]: real });
      await gate;
      return answer;
    },
  });
  return release;
}

test("hits that were asked for under another filter are not shown", async () => {
  const { answers, tree } = await planted(entry("b1"));
  for (let number = 1; number <= 2 * HITS_PAGE + 4; number++) answers.hit_(number);
  await tree.refresh();
  await tree.filter("even");
  const release = held(answers, "hitList");
  const older = tree.showMore(only(tree));
  await Promise.resolve();
  await Promise.resolve();
  await tree.filter("odd");
  release();
  await older;
  const shown = new Set(only(tree).hits?.map((node) => node.hit.summary));
  assert.deepEqual([...shown], ["odd"]);
});

test("what was asked before the connection ended is not shown after it", async () => {
  const { answers, tree } = await planted(entry("b1"));
  const release = held(answers, "overview");
  const refreshed = tree.refresh();
  tree.clear();
  release();
  await refreshed;
  assert.deepEqual([tree.breakpoints, tree.isKnown, tree.trouble], [[], false, undefined]);
});

test("a count that is newer than the overview is shown, an older one is not, and the list waits for the overview", async () => {
  const { answers, tree, changes } = await planted(entry("b1"), entry("b2"));
  answers.hit_(1);
  answers.hit_(2);
  await tree.refresh();
  changes.length = 0;
  tree.counted(new Map([["b1", 5], ["b2", 0]]));
  tree.counted(new Map([["b1", 4]]));
  const [node] = tree.breakpoints;
  assert.deepEqual([node?.entry.breakpoint.hits, changes, answers.asked.length], [5, [["breakpoint b1"]], 0]);
});
