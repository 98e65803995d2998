import assert from "node:assert/strict";
import { test } from "node:test";
import { createCache } from "../../../server/completion/cache";
import { at } from "./place";

function after(first: string, text: string, second: string) {
  const cache = createCache();
  cache.add(at(first), "1", text);
  return cache.find(at(second))?.text;
}

test("cache: a completion is found at the same caret", () =>
  assert.equal(after("a = |\n", "foo();", "a = |\n"), "foo();"));
test("cache: typing the start of a completion keeps the rest", () =>
  assert.equal(after("a = |\n", "foo();", "a = fo|\n"), "o();"));
test("cache: the rest is kept when the editor adds a closer", () =>
  assert.equal(after("a = |\n", "foo(b);", "a = foo(|)\n"), "b);"));
test("cache: the rest is kept when the user types over the closer", () =>
  assert.equal(after("foo(|)\n", "b).c", "foo(b)|\n"), ".c"));
test("cache: another letter than the suggested one finds nothing", () =>
  assert.equal(after("a = |\n", "foo();", "a = g|\n"), undefined));
test("cache: a completion that was typed to its end is over", () =>
  assert.equal(after("a = |\n", "foo();", "a = foo();|\n"), undefined));
test("cache: an empty completion holds at the same caret", () => assert.equal(after("a = |\n", "", "a = |\n"), ""));
test("cache: changed text above finds nothing", () =>
  assert.equal(after("b\na = |\n", "foo();", "c\na = |\n"), undefined));
test("cache: changed text below finds nothing", () => assert.equal(after("a = |\nb", "foo();", "a = |\nc"), undefined));
test("cache: another document finds nothing", () => {
  const cache = createCache();
  cache.add(at("a = |"), "1", "b");
  assert.equal(cache.find({ ...at("a = |"), uri: "file:///other" }), undefined);
});
test("cache: of two completions that hold at a caret the newer one is found", () => {
  const cache = createCache();
  cache.add(at("a = |"), "1", "bc");
  cache.add(at("a = b|"), "2", "d");
  assert.deepEqual(cache.find(at("a = b|")), { id: "2", text: "d" });
  assert.deepEqual(cache.find(at("a = |")), { id: "1", text: "bc" });
});
