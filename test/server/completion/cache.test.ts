import assert from "node:assert/strict";
import { test } from "node:test";
import { createCache } from "../../../server/completion/cache";
import type { End } from "../../../server/completion/types";
import { at } from "./place";

const hit = (id: string, text: string, end: End = "stopped") => ({ id, text, end, confidence: 0, least: -2 });

function after(first: string, text: string, second: string) {
  const cache = createCache();
  cache.add(at(first), hit("1", text));
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
test("cache: a completion that was given up holds at the same caret alone", () => {
  const cache = createCache();
  cache.add(at("a = |"), hit("1", "bc", "unsure"));
  assert.equal(cache.find(at("a = |"))?.id, "1");
  assert.equal(cache.find(at("a = b|")), undefined);
});
test("cache: changed text above finds nothing", () =>
  assert.equal(after("b\na = |\n", "foo();", "c\na = |\n"), undefined));
test("cache: changed text below finds nothing", () => assert.equal(after("a = |\nb", "foo();", "a = |\nc"), undefined));
test("cache: another document finds nothing", () => {
  const cache = createCache();
  cache.add(at("a = |"), hit("1", "b"));
  assert.equal(cache.find({ ...at("a = |"), uri: "file:///other" }), undefined);
});
test("cache: of two completions that hold at a caret the newer one is found", () => {
  const cache = createCache();
  cache.add(at("a = |"), hit("1", "bc"));
  cache.add(at("a = b|"), hit("2", "d"));
  assert.deepEqual(cache.find(at("a = b|")), hit("2", "d"));
  assert.deepEqual(cache.find(at("a = |")), hit("1", "bc"));
});
