import assert from "node:assert/strict";
import { test } from "node:test";
import { isSameHost, linkTo, originOf, readLink, readRemembered, toRemember, wrongHost } from "./targets";

test("a key is kept under scheme, host and port, in one spelling", () => {
  assert.equal(originOf("HTTPS://LiveBreak.Example:443/below/"), "https://livebreak.example");
  assert.equal(originOf("http://127.0.0.1:8765"), "http://127.0.0.1:8765");
  for (const none of ["livebreak.example", "ftp://a", "https://me:pw@a", "javascript:alert(1)", ""]) assert.equal(originOf(none), undefined);
});

test("what is remembered holds no key, and of another version only what is understood", () => {
  const remembered = toRemember({ host: "https://a", project: 2, key: "phx_secret" });
  assert.deepEqual(remembered, { host: "https://a", project: 2 });
  assert.deepEqual(readRemembered(remembered), remembered);
  assert.deepEqual(readRemembered({ name: "team", host: 1 }), { name: "team" });
  assert.deepEqual(readRemembered({ off: true }), { off: true });
  for (const none of [undefined, null, 7, {}, { host: "a" }, { host: "https://a:b@c" }]) assert.equal(readRemembered(none), undefined);
});

test("a typed address is checked as far as that goes without asking", () => {
  for (const good of ["livebreak.example", "127.0.0.1:8765", "http://[::1]:8765", "https://a.example/below"]) assert.equal(wrongHost(good), undefined);
  for (const bad of ["", "  ", "me@livebreak.example", "https://me:pw@a", "ftp://a", "a b"]) assert.ok(wrongHost(bad), bad);
});

for (const [path, query, expected] of [
  ["/hit/0192f3a4-5b6c", "", { kind: "hit", hit: "0192f3a4-5b6c" }],
  ["/hit/0192f3a4-5b6c", "host=https://a.example&project=3", { kind: "hit", hit: "0192f3a4-5b6c", host: "https://a.example", project: 3 }],
  ["/connect", "host=a.example", { kind: "connect", host: "a.example" }],
  ["/connect", "", undefined],
  ["/connect", "host=https%3A%2F%2Fme%3Apw%40a.example", undefined],
  ["/hit/../../etc", "", undefined],
  ["/hit/%24(rm)", "", undefined],
  ["/hit/0192f3a4-5b6c", "host=javascript:alert(1)", undefined],
  ["/replay/0192f3a4-5b6c", "", undefined],
] as const) {
  test(`the link ${path}?${query}`, () => assert.deepEqual(readLink(path, query), expected));
}

test("one backend has many spellings", () => {
  assert.ok(isSameHost("https://a.example/", "a.example"));
  assert.ok(isSameHost("http://127.0.0.1:8765", "127.0.0.1:8765"));
  assert.ok(!isSameHost("http://a.example", "https://a.example"));
  assert.ok(!isSameHost(undefined, "a.example"));
});

test("the link that is made is one that is read", () => {
  const link = new URL(linkTo("vscode-insiders", "0b7a9c52-aaaa", "http://127.0.0.1:8765"));
  assert.deepEqual(
    [link.protocol, link.host, readLink(link.pathname, link.search.slice(1))],
    ["vscode-insiders:", "livebreak.livebreak", { kind: "hit", hit: "0b7a9c52-aaaa", host: "http://127.0.0.1:8765" }],
  );
});
