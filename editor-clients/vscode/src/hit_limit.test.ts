import assert from "node:assert/strict";
import { test } from "node:test";
import { hitLimitOf } from "./hit_limit";

test("the first hits are a limit", () => {
  assert.deepEqual(["10", "<= 10", " <11 "].map(hitLimitOf), [10, 10, 10]);
});

test("another hit count is none", () => {
  assert.deepEqual([undefined, "", "> 3", "% 2", "< 1", "0", "ten", "== 3"].map(hitLimitOf), new Array(8).fill(undefined));
});
