// Tiny random models of each kind that the architecture allows, against transformers' logits, on every device.

import assert from "node:assert/strict";
import { test } from "node:test";
import { devices, furthestApart, logitsOf, readJson, withSession } from "./open";

const kinds = ["llama", "llama-linear", "llama-llama3", "llama-mqa", "llama-yarn", "qwen2", "qwen2-yarn"];
const folders = ["llama", "llama-linear", "llama-llama3", "qwen2", "qwen2-yarn"];

for (const device of devices)
  for (const file of [...kinds.map((kind) => `${kind}.gguf`), ...folders])
    test(`${file} on ${device}: logits are transformers'`, async () => {
      const { tokens, logits } = await readJson(`${file.replace(".gguf", "")}.json`);
      const ours = await withSession(file, device, (session) => logitsOf(session, tokens));
      assert.ok(furthestApart(ours, logits.flat()) <= 1e-4, `furthest apart: ${furthestApart(ours, logits.flat())}`);
      const rounded = await withSession(file, device, (session) => logitsOf(session, tokens), 256, "f16");
      assert.ok(furthestApart(rounded, logits.flat()) <= 5e-3, `f16: ${furthestApart(rounded, logits.flat())}`);
    });
