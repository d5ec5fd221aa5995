import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveDots } from "./dots";
import { columnsOf, fitting, lookOf, wordsOf } from "./looks";
import type { BreakpointState } from "./messages";
import { isStored, mirror, missedBy, saidOf } from "./mirror";
import { LiveLinesTracker } from "./tracker";

const mark = (id: string, line: number) => ({ id, line, enabled: true });
const state = (more: Partial<BreakpointState>): BreakpointState => ({ id: "b1", line: 5, state: "bound", message: "", mine: true, enabled: true, ...more });
const nothing = { added: [], changed: [], removed: [] };

test("what the server says as the dots have it changes nothing", () => {
  assert.deepEqual(mirror([mark("m", 5)], new Set(["m"]), [state({ editorId: "m" })], new Set([5]), () => false), nothing);
});

test("mine without a dot get one, a teammate's and one about to be removed do not", () => {
  const states = [state({ id: "mine" }), state({ id: "theirs", line: 6, mine: false }), state({ id: "leaving", line: 7 })];
  const { added } = mirror([], new Set(), states, new Set(), (id) => id === "leaving");
  assert.deepEqual(added.map(({ id }) => id), ["mine"]);
});

test("a line has room for one dot, and a local one keeps it", () => {
  const states = [state({ id: "first" }), state({ id: "second" }), state({ id: "third", line: 9 })];
  const { added } = mirror([], new Set(), states, new Set([9]), () => false);
  assert.deepEqual(added.map(({ id }) => id), ["first"]);
});

test("a dot goes when its breakpoint is gone, but not before the server has answered for it", () => {
  const marks = [mark("known", 5), mark("new", 6)];
  assert.deepEqual(mirror(marks, new Set(["known"]), [], new Set([5, 6]), () => false).removed, ["known"]);
});

for (const [what, change] of [
  ["condition", { condition: "total < 0" }],
  ["log message", { logMessage: "total is {total}" }],
  ["switch", { enabled: false }],
  ["line", { line: 8 }],
] as const) {
  test(`another ${what} is taken over, a teammate's is not`, () => {
    const marks = [mark("m", 5)];
    const changed = (mine: boolean) => mirror(marks, new Set(["m"]), [state({ editorId: "m", mine, ...change })], new Set([5]), () => false).changed;
    assert.deepEqual([changed(true).map((it) => it.mark), changed(false)], [["m"], []]);
  });
}

test("a dot that can stand for no breakpoint keeps its condition", () => {
  const refused = state({ id: "m", editorId: "m", state: "failed" });
  assert.deepEqual(mirror([{ ...mark("m", 5), condition: "total < 0" }], new Set(["m"]), [refused], new Set([5]), () => false), nothing);
});

const dot = (more: object = {}) => ({ line: 5, enabled: true, condition: "total < 0", logMessage: undefined, ...more });
const agreed = { target: "shop", mark: "m", breakpoint: "b1", said: saidOf(dot()) };
const asAgreed = state({ condition: "total < 0" });

test("what was removed or changed elsewhere while the window was away is taken over", () => {
  const away = (known: object, ...states: BreakpointState[]) =>
    missedBy([{ dot: dot(), says: saidOf(dot()), known: { ...agreed, ...known } }], new Map(states.map((it) => [it.id, it])));
  const disabled = { ...asAgreed, enabled: false };
  assert.deepEqual(away({}, asAgreed), { changed: [], removed: [] });
  assert.deepEqual(away({}), { changed: [], removed: [dot()] });
  for (const state of [disabled, { ...asAgreed, line: 8 }]) assert.deepEqual(away({}, state), { changed: [{ dot: dot(), state }], removed: [] });
});

test("neither a dot that the backend never had, nor one that was changed here, nor a teammate's breakpoint is touched", () => {
  const { said, ...unsent } = agreed;
  const disabled = { ...asAgreed, enabled: false };
  const here = dot({ condition: "total < 1" });
  for (const [known, stored, there] of [
    [unsent, undefined, dot()],
    [{ ...agreed, said }, disabled, here],
    [agreed, { ...disabled, mine: false }, dot()],
  ] as const)
    assert.deepEqual(missedBy([{ dot: there, says: saidOf(there), known }], new Map(stored && [["b1", stored]])), { changed: [], removed: [] });
});

test("what is on its way, queued or refused is not the backend's; what processes fail to bind is", () => {
  const states = ["sending", "offline", "failed", "stored", "pending", "bound", "rate-limited", "expired", "disabled", "paused"];
  assert.deepEqual(states.filter((it) => !isStored(state({ state: it }))), ["sending", "offline", "failed"]);
  assert.ok(isStored(state({ state: "failed", processes: 1 })));
});

test("a debugger gets no live line, and VS Code an answer for each line that it asked for", () => {
  const tracker = new LiveLinesTracker((path) => new Set(path === "/shop/pricing.py" ? [18, 26] : []));
  const request = (seq: number, path: string) => ({
    type: "request",
    seq,
    command: "setBreakpoints",
    arguments: { source: { path }, breakpoints: [{ line: 18 }, { line: 24 }, { line: 26 }], lines: [18, 24, 26] },
  });
  const [ours, other] = [request(7, "/shop/pricing.py"), request(8, "/shop/users.py")];
  tracker.onWillReceiveMessage(ours);
  tracker.onWillReceiveMessage(other);
  assert.deepEqual(ours.arguments, { source: { path: "/shop/pricing.py" }, breakpoints: [{ line: 24 }], lines: [24] });
  assert.deepEqual(other, request(8, "/shop/users.py"));

  const response = { type: "response", request_seq: 7, command: "setBreakpoints", body: { breakpoints: [{ verified: true, id: 1 }] } };
  tracker.onDidSendMessage(response);
  assert.deepEqual(
    response.body.breakpoints.map((it) => [it.verified, it.id]),
    [[false, undefined], [true, 1], [false, undefined]],
  );
  const untouched = { type: "response", request_seq: 8, body: { breakpoints: [{ verified: true }] } };
  tracker.onDidSendMessage(untouched);
  assert.deepEqual(untouched.body.breakpoints, [{ verified: true }]);
});

test("a debugger that refuses the request is heard as it is", () => {
  const tracker = new LiveLinesTracker(() => new Set([1]));
  tracker.onWillReceiveMessage({ type: "request", seq: 1, command: "setBreakpoints", arguments: { source: { path: "/a.py" }, breakpoints: [{ line: 1 }] } });
  const refusal = { type: "response", request_seq: 1, body: {} };
  tracker.onDidSendMessage(refusal);
  assert.deepEqual(refusal, { type: "response", request_seq: 1, body: {} });
});

function memory(): { get: <T>(key: string, missing: T) => T; update: (key: string, value: unknown) => Promise<void> } {
  const kept = new Map<string, string>();
  return {
    get: <T>(key: string, missing: T) => (kept.has(key) ? (JSON.parse(kept.get(key) ?? "") as T) : missing),
    update: (key, value) => Promise.resolve(void kept.set(key, JSON.stringify(value))),
  };
}

test("what is live is known again after a reload, and what left meanwhile is still to be removed", () => {
  const kept = memory();
  const dots = new LiveDots(kept);
  dots.set("a", { target: "shop at http://one", mark: "a", breakpoint: "1" });
  dots.set("b", { target: " at http://one", mark: "b" });
  dots.depart({ target: "shop at http://one", breakpoint: "2" });
  dots.rename(" at http://one", "shop at http://one");
  dots.keep(new Set(["b"]));

  const again = new LiveDots(kept);
  assert.deepEqual([again.has("a"), again.get("b")], [false, { target: "shop at http://one", mark: "b" }]);
  assert.deepEqual([again.hasDeparted("shop at http://one", "2"), again.hasDeparted("other at http://one", "2")], [true, false]);
  again.forget("shop at http://one", "2");
  assert.equal(new LiveDots(kept).hasDeparted("shop at http://one", "2"), false);
});

for (const [what, shown, hits, expected] of [
  ["on its way", { state: "sending" }, undefined, "sending…"],
  ["bound everywhere", { bound: 3, processes: 3 }, undefined, "bound 3/3"],
  ["bound with hits, these speak for themselves", { bound: 3, processes: 3 }, "2 hits · a=1", "2 hits · a=1"],
  ["bound in a part", { bound: 2, processes: 3 }, "2 hits · a=1", "bound 2/3 · 2 hits · a=1"],
  ["rate-limited", { state: "rate-limited", bound: 1, processes: 1 }, "60 hits", "rate-limited · 60 hits"],
  ["in trouble", { trouble: "No variable named 'x' here.", bound: 1, processes: 1 }, "2 hits", "No variable named 'x' here. · 2 hits"],
  ["failed", { state: "failed", message: "No code on\u2028this line." }, undefined, "failed: No code on this line."],
  ["paused", { state: "paused", brief: "paused by ada" }, undefined, "paused by ada"],
  ["a teammate's is counted", { mine: false, owner: "grace", hits: 2 }, "2 hits · a=1", "grace · 2 hits"],
  ["a teammate's that is followed is shown", { mine: false, followed: true, owner: "grace", bound: 1, processes: 1 }, "2 hits · a=1", "grace · 2 hits · a=1"],
] as const) {
  test(`behind the line: ${what}`, () => assert.equal(wordsOf(state(shown), hits), expected));
}

for (const [what, text, columns, expected] of [
  ["what fits stays", "3 hits · total=1 · 12:03:04", 20, "3 hits · total=1 · 12:03:04"],
  ["values are cut, and the time stays", `3 hits · ${"x".repeat(200)} · 12:03:04`, 36, `3 hits · ${"x".repeat(39)}… · 12:03:04`],
  ["behind a long line something is left", "x".repeat(300), 99, `${"x".repeat(39)}…`],
  ["a last part that is long is cut itself", `failed: ${"x".repeat(20)} · ${"y".repeat(80)}`, 66, `failed: ${"x".repeat(20)} · ${"y".repeat(8)}…`],
] as const) {
  test(`behind the line: ${what}`, () => assert.equal(fitting(text, columns, 100), expected));
}

test("a tab takes the columns up to the next stop", () => {
  assert.deepEqual(["\tx", "ab\tx", ""].map((code) => columnsOf(code, 4)), [5, 5, 0]);
});

test("a hit count that has no effect comes first, and looks like trouble", () => {
  const words = wordsOf(state({}), "3 hits", ">= 5");
  assert.deepEqual([lookOf(state({}), ">= 5"), words], ["failed", "hit count >= 5 has no effect here · 3 hits"]);
});

test("trouble looks like a failure, whatever the state is", () => {
  assert.deepEqual([lookOf(state({ trouble: "no such name" })), lookOf(state({})), lookOf(state({ state: "pending" }))], ["failed", "bound", "waiting"]);
});
