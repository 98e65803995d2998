import assert from "node:assert/strict";
import { test } from "node:test";
import { createDebounce } from "../../../server/completion/debounce";
import { canComplete, enabled } from "../../../server/completion/wanted";
import { defaults } from "../../../server/settings";
import { at } from "./place";

const settings = (completions: Partial<typeof defaults.completions>) => ({
  ...defaults,
  completions: { ...defaults.completions, ...completions },
});

test("wanted: a language's own setting decides, or else the one for all languages", () => {
  const languages = { "*": false, go: true };
  assert.equal(enabled(settings({ languages }), "go", false), true);
  assert.equal(enabled(settings({ languages }), "rust", false), false);
  assert.equal(enabled(settings({ languages: {} }), "rust", false), true);
  assert.equal(enabled(settings({}), "markdown", false), false);
});
test("wanted: a language that is off completes when invoked", () =>
  assert.equal(enabled(settings({ languages: { go: false } }), "go", true), true));
test("wanted: with the manual trigger only when invoked", () => {
  assert.equal(enabled(settings({ trigger: "manual" }), "go", false), false);
  assert.equal(enabled(settings({ trigger: "manual" }), "go", true), true);
});
test("wanted: never when completions are disabled", () =>
  assert.equal(enabled(settings({ enabled: false }), "go", true), false));

for (const [place, middle, expected] of [
  ["const a = |", false, true],
  ["foo(|);", false, true],
  ['import a from "|";', false, true],
  ["foo(|, b);", false, true],
  ["const a = | + c", false, false],
  ["const a = |b + c", false, false],
  ["const na|me = 1", false, false],
  ["const a = |b + c", true, true],
  ["  \n|", false, false],
] as const)
  test(`wanted: ${JSON.stringify(place)} with${middle ? "" : "out"} fill-in-the-middle`, () =>
    assert.equal(canComplete(at(place), middle), expected));

test("debounce: there is no delay at first, and a longer one where completions are slow", () => {
  const debounce = createDebounce();
  assert.equal(debounce.delay(0), 0);
  debounce.completed(180);
  assert.equal(debounce.delay(0), 0);
  assert.equal(debounce.delay(50), 50);
  for (let i = 0; i < 50; i++) debounce.completed(1000);
  assert.ok(debounce.delay(0) > 190 && debounce.delay(0) <= 200);
  for (let i = 0; i < 50; i++) debounce.completed(60_000);
  assert.equal(debounce.delay(0), 500);
});
