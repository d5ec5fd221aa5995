import assert from "node:assert/strict";
import { test } from "node:test";
import { isNewEnough, mismatch, readFacts } from "./versions";

for (const [output, expected] of [
  ['{"python": [3, 12], "livebreak": "0.1.0"}', { python: [3, 12], livebreak: "0.1.0" }],
  ['{"python": [3, 8], "livebreak": null}', { python: [3, 8] }],
  ["Python was not found; run without arguments to install", undefined],
  ['{"python": "3.12"}', undefined],
  ["null", undefined],
] as const) {
  test(`what a Python says of itself: ${output}`, () => assert.deepEqual(readFacts(output), expected));
}

test("Python is new enough from 3.11 on", () => {
  const enough = ([[2, 7], [3, 10], [3, 11], [3, 14], [4, 0]] as [number, number][]).map((python) => isNewEnough({ python }));
  assert.deepEqual(enough, [false, false, true, true, true]);
});

test("versions work together within one minor version", () => {
  for (const server of ["0.3.0", "0.2.9", "0.4.1", undefined, "unknown"]) assert.equal(mismatch("0.3.1", server), undefined);
});

test("the older one is to be updated", () => {
  assert.match(mismatch("0.3.0", "0.1.0") ?? "", /its server 0\.1\.0; update `livebreak`/);
  assert.match(mismatch("0.3.0", "1.0.0") ?? "", /update the extension/);
});
