import assert from "node:assert/strict";
import { test } from "node:test";
import { blocks, type StorageType } from "../../../engine/graph/storage";
import { sizeOf } from "../../../engine/graph/tensor";
import { openCheckpoint } from "../../../engine/load";
import { CheckpointError } from "../../../engine/load/checkpoint";
import { dequantize } from "../../../engine/load/dequantize";
import { hasInvalidScale } from "../../../engine/load/invalidScale";
import { memoryCheckpoint } from "../../../engine/load/memory";
import { writeGguf } from "../../../engine/load/writeGguf";
import { randomBlocks } from "./blocks";
import { fuzz } from "./damage";
import { temporaryFolder } from "./folder";
import { writeFolder } from "./rawFolder";

/** Opens what may be broken: it is refused with a sentence, or all that it holds can be read. */
async function opensOrIsRefused(path: string): Promise<boolean> {
  const checkpoint = await openCheckpoint(path).catch((error) => {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  });
  if (!checkpoint) return false;
  for (const { name, type, shape, bytes } of checkpoint.tensors.values()) {
    const stored = await checkpoint.read(name, 0, bytes);
    assert.equal(stored.length, bytes);
    const values = new Float32Array(sizeOf(shape));
    dequantize(type, stored, values);
    assert.equal(hasInvalidScale(type, stored), !values.every(Number.isFinite), name);
  }
  await checkpoint.close();
  return true;
}

test("2000 damaged GGUF files: each is refused or whole", { timeout: 60_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const types = Object.keys(blocks) as StorageType[];
  const tensors = types.map((type) => ({
    name: `blk.0.${type}.weight`,
    type,
    shape: [2, 256],
    data: randomBlocks(type, 512),
  }));
  const metadata = new Map(
    Object.entries({
      "general.architecture": "llama",
      "general.alignment": 32,
      "llama.block_count": 1,
      "llama.rope.freq_base": 10000.5,
      "llama.vocab_size": 5n,
      "tokenizer.ggml.add_bos_token": true,
      "tokenizer.ggml.tokens": ["<s>", "a", "b", "ab", "é"],
      "tokenizer.ggml.scores": [0, -1.5, -2, -3, -4],
      "tokenizer.ggml.token_type": [3, 1, 1, 1, 1],
      "split.count": 1,
    }),
  );
  await writeGguf(folder.at("a.gguf"), memoryCheckpoint(metadata, tensors));
  await fuzz(folder, "a.gguf", 1200, 2000, () => opensOrIsRefused(folder.at("a.gguf")));
});

for (const [file, head] of Object.entries({ "model.safetensors": 1200, "config.json": 300 }))
  test(`300 Hugging Face folders with a damaged ${file}: each is refused or whole`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFolder(folder);
    await fuzz(folder, file, head, 300, () => opensOrIsRefused(folder.path));
  });
