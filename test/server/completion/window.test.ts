import assert from "node:assert/strict";
import { test } from "node:test";
import { windowAround } from "../../../server/completion/window";
import { at } from "./place";

const line = "const value = 1;\n";
const around = (prefix: string, suffix: string, budget = 1536) => windowAround({ ...at("|"), prefix, suffix }, budget);

test("window: a short text is whole", () => {
  const source = at("a\nb|c\n");
  assert.deepEqual(windowAround(source, 100), source);
});

test("window: of a long text only what prompts can need, from the start of a line on", () => {
  for (const text of [line.repeat(20_000), "ab, ".repeat(500_000)]) {
    const { prefix, suffix } = around(text, text);
    for (const { length } of [prefix, suffix]) assert.ok(length > 32_000 && length < 100_000, `${length}`);
    assert.ok(text.endsWith(prefix) && text.startsWith(suffix));
    if (text.includes("\n")) assert.ok(prefix.startsWith("const"));
  }
});

test("window: wider for a longer prompt", () =>
  assert.ok(around(line.repeat(100_000), "", 32_768).prefix.length > 4 * 32_768));

test("window: its start stands still while one types", () => {
  const text = line.repeat(10_000);
  const starts = new Set<number>();
  for (let typed = 0; typed < 3000; typed++)
    starts.add(text.length + typed - around(`${text}${"x".repeat(typed)}`, "").prefix.length);
  assert.ok(starts.size <= 2, `${starts.size}`);
});
