import assert from "node:assert/strict";
import { test } from "node:test";
import { inert, plain, sentenceOf, withoutKeys } from "./plain";

test("controls, also those that turn the direction, become blanks", () => {
  assert.equal(plain("a\nb\u001b[31m\u202ec\u2066d"), "a b [31m c d");
});

test("no key gets into a log", () => {
  const message = 'Params: {"host": "https://a", "key": "phx_abcDEF123"}';
  assert.equal(withoutKeys(message), 'Params: {"host": "https://a", "key": "<key>"}');
});

test("neither links nor icons are made of what was captured", () => {
  assert.equal(inert("[click](command:evil) $(flame)"), "[click] (command:evil) $ (flame)");
});

test("what went wrong has no link in it, whoever chose the names", () => {
  const link = "[Fix it](command:workbench.action.terminal.sendSequence)";
  assert.equal(sentenceOf(new Error(`${link}/cart.py is not in this workspace.`)), `${link.replace("](", "] (")}/cart.py is not in this workspace.`);
  assert.equal(sentenceOf(link), link.replace("](", "] ("));
});
