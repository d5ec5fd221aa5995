import assert from "node:assert/strict";
import { test } from "node:test";
import type { OverviewBreakpoint } from "./messages";
import { Every, Unseen } from "./unseen";

const muted = new Set<string>();
const make = () => new Unseen((id) => muted.has(id));

function of(id: string, hits: number, more: object = {}): OverviewBreakpoint {
  return { filename: "cart.py", breakpoint: { id, line: 1, state: "bound", message: "", mine: true, hits, ...more } };
}

test("what was there at first is no news, what comes then is until somebody looks", () => {
  const unseen = make();
  assert.deepEqual(unseen.take([of("a", 7)]), []);
  const news = unseen.take([of("a", 9), of("b", 1)]);
  assert.deepEqual([news.map(({ entry, count }) => [entry.breakpoint.id, count]), unseen.count], [[["a", 2], ["b", 1]], 3]);
  unseen.look();
  assert.deepEqual([unseen.count, unseen.take([of("a", 9), of("b", 1)])], [0, []]);
});

test("a teammate's hits are news only where they are followed", () => {
  const unseen = make();
  unseen.take([]);
  const news = unseen.take([of("a", 2, { mine: false }), of("b", 1, { mine: false, followed: true })]);
  assert.deepEqual([news.map(({ entry }) => entry.breakpoint.id), unseen.count], [["b"], 1]);
});

test("those of a muted breakpoint do not count", () => {
  const unseen = make();
  unseen.take([]);
  muted.add("a");
  const news = unseen.take([of("a", 2)]);
  const quiet = unseen.count;
  muted.delete("a");
  assert.deepEqual([news, quiet, unseen.count], [[], 0, 2]);
});

test("after hits were purged, or their breakpoint removed, none is counted that is not there", () => {
  const unseen = make();
  unseen.take([of("a", 5), of("b", 5)]);
  unseen.take([of("a", 0)]);
  assert.equal(unseen.count, 0);
  unseen.take([of("a", 2)]);
  assert.equal(unseen.count, 2);
});

test("another target begins anew", () => {
  const unseen = make();
  unseen.take([of("a", 1)]);
  unseen.reset();
  assert.deepEqual(unseen.take([of("b", 9)]), []);
});

test("of a kind one is let through in its time, others beside it", () => {
  const every = new Every();
  assert.deepEqual(
    [every.allows("a", 0, 30), every.allows("a", 29, 30), every.allows("b", 29, 30), every.allows("a", 30, 30)],
    [true, false, true, true],
  );
});
