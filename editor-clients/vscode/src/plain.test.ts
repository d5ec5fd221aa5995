import assert from "node:assert/strict";
import { test } from "node:test";
import { plain, withoutKeys } from "./plain";

test("controls, also those that turn the direction, become blanks", () => {
  assert.equal(plain("a\nb\u001b[31m\u202ec\u2066d"), "a b [31m c d");
});

test("no key gets into a log", () => {
  const message = 'Params: {"host": "https://a", "key": "phx_abcDEF123"}';
  assert.equal(withoutKeys(message), 'Params: {"host": "https://a", "key": "<key>"}');
});
