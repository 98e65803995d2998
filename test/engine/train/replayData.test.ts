import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { readReplayData } from "../../../engine/train/replayData";

test("the replay data is small, and its held-out part comes from packages that no model is trained on", async () => {
  const { toLearn, heldOut } = await readReplayData();
  assert.ok((await stat("models/general-text.jsonl")).size <= 1e6);
  assert.ok(toLearn.length > 200 && heldOut.length > 20, `${toLearn.length} and ${heldOut.length} texts`);
  for (const { header, text } of [...toLearn, ...heldOut]) assert.ok(/^$|\n$/.test(header) && text.length >= 600);
  const lines = (await readFile("models/general-text.jsonl", "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const { from, heldOut } of lines) assert.equal(/^[hvz]/i.test(from.split("/").at(-1)), heldOut === true, from);
});

test("the card lists every package that replay data comes from, with its licence", async () => {
  const card = await readFile("models/general-text.md", "utf8");
  const licences = await readFile("models/general-text.LICENSE", "utf8");
  const lines = (await readFile("models/general-text.jsonl", "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const name of new Set(lines.map(({ from }) => from))) {
    assert.ok(card.includes(`| ${name} |`), name);
    assert.ok(licences.includes(`\n${name} `), name);
  }
});
