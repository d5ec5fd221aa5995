import assert from "node:assert/strict";
import { test } from "node:test";
import { breakpointDescription, fileDescription, hitLabel, timeOf, variableLabel } from "./labels";
import type { BreakpointState } from "./messages";
import type { BreakpointNode, FileNode, HitNode, VariableNode } from "./nodes";

const NOW = new Date(2026, 10, 23, 18, 0, 0);
const FILE: FileNode = { kind: "file", id: "f", filename: "shop/cart.py", uri: "file:///cart.py", breakpoints: [] };

function breakpoint(more: Partial<BreakpointState>): BreakpointNode {
  const state = { id: "b", line: 1, state: "bound", message: "", mine: true, bound: 1, processes: 2, ...more };
  const entry = { filename: "shop/cart.py", breakpoint: state };
  return { kind: "breakpoint", id: "b", parent: FILE, entry, isStale: true, hasOlder: false, isComplete: true };
}

for (const [what, state, expected] of [
  ["a new one is only its state", {}, "bound 1/2"],
  ["the count comes first, since a narrow view cuts the end", { condition: "total < 0", hits: 1 }, "1 hit · if total < 0 · bound 1/2"],
  ["many hits are grouped", { hits: 12345 }, "12,345 hits · bound 1/2"],
  ["what is wrong stands for the state", { trouble: "the condition fails", hits: 2 }, "2 hits · the condition fails"],
  ["a teammate's has a name", { mine: false, owner: "ada", followed: true }, "bound 1/2 · ada's, followed"],
  ["a brief reason says more than the state", { state: "paused", brief: "paused by ada" }, "paused by ada"],
] as const) test(what, () => assert.equal(breakpointDescription(breakpoint(state), false), expected));

test("a muted one says so", () => assert.equal(breakpointDescription(breakpoint({}), true), "bound 1/2 · muted"));

test("a time of today is a clock, and of another day has the date", () => {
  assert.deepEqual(
    [timeOf(new Date(2026, 10, 23, 9, 5, 7).toISOString(), NOW), timeOf(new Date(2026, 10, 2, 9, 5, 7).toISOString(), NOW), timeOf("soon", NOW)],
    ["09:05:07", "11-02 09:05:07", "soon"],
  );
});

test("captured text stays in its row, whatever it holds", () => {
  const hit = { id: "h", breakpointId: "b", timestamp: NOW.toISOString(), summary: "name='\u202eevil\nnext'" };
  const node: HitNode = { kind: "hit", id: "h", parent: breakpoint({}), hit };
  assert.equal(hitLabel(node, NOW), "18:00:00  name=' evil next'");
  const variable = { name: "x", type: "str", text: "😀".repeat(500), path: ["x"] };
  const label = variableLabel({ variable } as VariableNode);
  assert.deepEqual([[...label].length, label.endsWith("😀…")], [204, true]);
});

test("a file outside of the workspace says which repository it is in", () => {
  const { uri: _, ...elsewhere } = FILE;
  assert.deepEqual(
    [fileDescription(FILE), fileDescription({ ...elsewhere, repository: "acme/shop" })],
    ["shop", "shop · acme/shop"],
  );
});
