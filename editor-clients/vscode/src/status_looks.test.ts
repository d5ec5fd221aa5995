import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "./messages";
import { looksOf, type Around } from "./status_looks";

const QUIET: Around = { isLive: false, isTrusted: true, isRunning: true, isGone: false };
const CONNECTED: Status = { connection: "connected", message: "Connected.", host: "https://a.example", project: "shop", processes: 3, breakpoints: 2, owner: "ada" };

test("target, state and counts are in sight, and a click toggles", () => {
  const off = looksOf(CONNECTED, QUIET);
  const on = looksOf(CONNECTED, { ...QUIET, isLive: true });
  assert.deepEqual([off.text, off.command, off.colour], ["$(plug) LiveBreak: shop $(circle-filled) 2 $(server-process) 3", "livebreak.toggleLive", undefined]);
  assert.deepEqual([on.text, on.colour], ["$(broadcast) LIVE shop $(circle-filled) 2 $(server-process) 3", undefined]);
  assert.ok(off.tooltip.includes("2 breakpoints of yours armed, 3 processes there."));
});

test("production is coloured, and louder in live mode", () => {
  const production = { ...CONNECTED, isProduction: true };
  assert.deepEqual([looksOf(production, QUIET).colour, looksOf(production, { ...QUIET, isLive: true }).colour], ["warning", "error"]);
  assert.match(looksOf(production, QUIET).text, /PRODUCTION shop/);
});

test("a workspace that is not trusted has a clear state, whatever else is", () => {
  const looks = looksOf(CONNECTED, { ...QUIET, isTrusted: false });
  assert.deepEqual([looks.text, looks.command], ["$(workspace-untrusted) LiveBreak: restricted", "workbench.trust.manage"]);
});

test("trouble says what a click does", () => {
  const command = (status: Status | undefined, around = QUIET) => looksOf(status, around).command;
  assert.equal(command({ connection: "off", message: "Off." }), "livebreak.connect");
  assert.equal(command({ connection: "refused", message: "No." }), "livebreak.connect");
  assert.equal(command({ connection: "offline", message: "Away.", queued: 2 }), "livebreak.showStatus");
  assert.equal(command(undefined, { ...QUIET, isGone: true, isRunning: false }), "livebreak.restartServer");
});

test("names from the backend are short and in one line", () => {
  const looks = looksOf({ ...CONNECTED, project: `shop\n\u202e${"x".repeat(100)}` }, QUIET);
  assert.doesNotMatch(looks.text, /[\n\u202e]/);
  assert.ok(looks.text.length < 100);
});
