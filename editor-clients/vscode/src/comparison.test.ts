import assert from "node:assert/strict";
import { test } from "node:test";
import { sidesOf } from "./comparison";

test("each value that differs is a line on the sides that have it", () => {
  const rows = [
    { expression: "total", before: "40", after: "-3", kind: "changed" as const },
    { expression: "cart['a']", before: "1", kind: "removed" as const },
    { expression: "cart['b']", after: "'two\nlines'", kind: "added" as const },
  ];
  const { before, after } = sidesOf({ newer: "n", older: "o", rows, unchanged: 1, note: "Some values were cut." });
  assert.equal(before, "total = 40\ncart['a'] = 1\n\n# 1 variable is the same in both hits.\n# Some values were cut.\n");
  assert.equal(after, "total = -3\ncart['b'] = 'two lines'\n\n# 1 variable is the same in both hits.\n# Some values were cut.\n");
});

test("two hits that are the same say only that", () => {
  const { before, after } = sidesOf({ newer: "n", older: "o", rows: [], unchanged: 7 });
  assert.deepEqual([before, after], Array(2).fill("\n# 7 variables are the same in both hits.\n"));
});
