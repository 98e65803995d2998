import assert from "node:assert/strict";
import { test } from "node:test";
import { createCache } from "../../../server/completion/cache";
import { at } from "./place";

function after(first: string, text: string, second: string) {
  const cache = createCache();
  cache.add(at(first), "1", text);
  return cache.find(at(second))?.text;
}

test("cache: the same place", () => assert.equal(after("a = |\n", "foo();", "a = |\n"), "foo();"));
test("cache: typing through it", () => assert.equal(after("a = |\n", "foo();", "a = fo|\n"), "o();"));
test("cache: typing through with the closer that the editor adds", () =>
  assert.equal(after("a = |\n", "foo(b);", "a = foo(|)\n"), "b);"));
test("cache: typing over that closer", () => assert.equal(after("foo(|)\n", "b).c", "foo(b)|\n"), ".c"));
test("cache: another letter", () => assert.equal(after("a = |\n", "foo();", "a = g|\n"), undefined));
test("cache: all of it typed", () => assert.equal(after("a = |\n", "foo();", "a = foo();|\n"), undefined));
test("cache: nothing to say here, still", () => assert.equal(after("a = |\n", "", "a = |\n"), ""));
test("cache: text above changed", () => assert.equal(after("b\na = |\n", "foo();", "c\na = |\n"), undefined));
test("cache: text below changed", () => assert.equal(after("a = |\nb", "foo();", "a = |\nc"), undefined));
test("cache: a document of its own", () => {
  const cache = createCache();
  cache.add(at("a = |"), "1", "b");
  assert.equal(cache.find({ ...at("a = |"), uri: "file:///other" }), undefined);
});
test("cache: back to where it was, and the newest first", () => {
  const cache = createCache();
  cache.add(at("a = |"), "1", "bc");
  cache.add(at("a = b|"), "2", "d");
  assert.deepEqual(cache.find(at("a = b|")), { id: "2", text: "d" });
  assert.deepEqual(cache.find(at("a = |")), { id: "1", text: "bc" });
});
