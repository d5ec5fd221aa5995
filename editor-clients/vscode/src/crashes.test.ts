import assert from "node:assert/strict";
import { test } from "node:test";
import { Crashes, MOST_RESTARTS, WITHIN_MS } from "./crashes";

test("a server that ends now and then is always started again", () => {
  let now = 0;
  const crashes = new Crashes(() => now);
  for (let count = 0; count < 50; count++, now += WITHIN_MS / MOST_RESTARTS + 1) assert.equal(crashes.mayRestart(), true);
});

test("one that ends again and again is not", () => {
  const crashes = new Crashes(() => 0);
  const answers = Array.from({ length: MOST_RESTARTS + 1 }, () => crashes.mayRestart());
  assert.deepEqual(answers, [...Array<boolean>(MOST_RESTARTS).fill(true), false]);
});
