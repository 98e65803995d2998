import assert from "node:assert/strict";
import { test } from "node:test";
import { leastConfidence } from "../../../server/completion/confidence";
import { show } from "../../../server/completion/suggest";
import { defaults } from "../../../server/settings";
import { at } from "./place";

const least = (show: typeof defaults.completions.show, place = "a = |", invoked = false) =>
  leastConfidence({ ...defaults, completions: { ...defaults.completions, show } }, at(place), invoked);

test("confidence: the surer a suggestion must be, the higher the least confidence; by hand and with `all` there is none", () => {
  assert.ok(0 > least("sure") && least("sure") > least("balanced") && least("balanced") > -Infinity);
  assert.equal(least("all"), -Infinity);
  assert.equal(least("sure", "a = |", true), -Infinity);
});
test("confidence: within a line, where the text must join what stands right of it, less is asked", () => {
  for (const show of ["sure", "balanced"] as const) {
    assert.ok(least(show, "f(|, b)") < least(show, "f(|"));
    assert.equal(least(show, "f(|);"), least(show, "f(|"), "closers do not count");
  }
});
test("confidence: what has less than it needs is not shown", () => {
  const written = (confidence: number) => ({ text: "1;", end: "stopped" as const, confidence, least: -2 });
  assert.equal(show(written(-2), at("a = |"))?.insertText, "1;");
  assert.equal(show(written(-2.1), at("a = |")), undefined);
});
