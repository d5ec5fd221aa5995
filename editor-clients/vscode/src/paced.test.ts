import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Paced } from "./paced";

test("the first is done at once, those that follow are done together, and what was disposed of does nothing", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let count = 0;
  const paced = new Paced(() => count++, 100);
  const counts = [];
  paced.soon();
  counts.push(count);
  paced.soon();
  paced.soon();
  counts.push(count);
  mock.timers.tick(100);
  counts.push(count);
  mock.timers.tick(100);
  paced.soon();
  counts.push(count);
  paced.soon();
  paced.dispose();
  mock.timers.tick(1000);
  counts.push(count);
  mock.timers.reset();
  assert.deepEqual(counts, [1, 1, 2, 3, 3]);
});
