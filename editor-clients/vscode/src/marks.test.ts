import assert from "node:assert/strict";
import { test } from "node:test";
import { Marks } from "./marks";

const URI = "file:///shop/pricing.py";

function marked(...lines: number[]): Marks {
  const marks = new Marks("test");
  for (const line of lines) marks.set(URI, line);
  return marks;
}

const lines = (marks: Marks) => marks.of(URI).map((mark) => mark.line);

for (const [what, edit, expected] of [
  ["a line inserted above moves marks down", { startLine: 2, startCharacter: 0, endLine: 2, text: "x\n" }, [6, 10]],
  ["a break at the line's beginning moves its mark", { startLine: 5, startCharacter: 0, endLine: 5, text: "\r\n" }, [6, 10]],
  ["a break at the line's end leaves its mark", { startLine: 5, startCharacter: 8, endLine: 5, text: "\n    " }, [5, 10]],
  ["lines deleted above move marks up", { startLine: 1, startCharacter: 0, endLine: 3, text: "" }, [3, 7]],
  ["the line's own deletion leaves its mark there", { startLine: 4, startCharacter: 3, endLine: 6, text: "" }, [4, 7]],
  ["an edit below changes nothing", { startLine: 20, startCharacter: 0, endLine: 22, text: "x" }, [5, 9]],
] as const) {
  test(what, () => {
    const marks = marked(5, 9);
    marks.edit(URI, edit);
    assert.deepEqual(lines(marks), expected);
  });
}

test("another condition keeps the mark's id", () => {
  const marks = marked(5);
  const before = marks.at(URI, 5);
  marks.set(URI, 5, "total < 0");
  assert.deepEqual(marks.of(URI), [{ id: before?.id, line: 5, enabled: true, condition: "total < 0" }]);
});

test("a file whose last mark is removed still has a list to state", () => {
  const marks = marked(5);
  const mark = marks.at(URI, 5);
  assert.ok(mark);
  marks.remove(URI, mark);
  assert.deepEqual([marks.uris(), marks.of(URI)], [[URI], []]);
});

test("the server's lines win", () => {
  const marks = marked(5, 9);
  const state = { id: "b", editorId: "test-2", line: 12, state: "bound", message: "", mine: true };
  marks.follow({ uri: URI, breakpoints: [state] });
  assert.deepEqual(lines(marks), [5, 12]);
});
