import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openCheckpoint } from "../../../engine/load";
import { CheckpointError } from "../../../engine/load/checkpoint";
import { dequantize } from "../../../engine/load/dequantize";
import { hasInvalidScale } from "../../../engine/load/invalidScale";
import { memoryCheckpoint } from "../../../engine/load/memory";
import { writeGguf } from "../../../engine/load/writeGguf";
import { blocks, type StorageType } from "../../../engine/storage";
import { sizeOf } from "../../../engine/tensor";
import { integer } from "../random";
import { randomBlocks } from "./blocks";
import { type Folder, temporaryFolder } from "./folder";
import { writeFolder } from "./rawFolder";

/** What files claim when they lie: nothing, one more than fits, sizes whose products or sums wrap around. */
const extremes = [
  0n,
  1n,
  33n,
  0xffn,
  0xffffn,
  2n ** 20n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
].concat([2n ** 64n - 1n, 2n ** 64n - 32n, 2n ** 40n, 2n ** 59n]);

/** The bytes with one thing wrong, most often within the first `head`. */
function damaged(bytes: Buffer, head: number): Buffer {
  const at = integer(0, Math.min(bytes.length - 9, integer(1, 5) > 1 ? head : bytes.length));
  const copy = Buffer.from(bytes);
  switch (integer(1, 7)) {
    case 1:
    case 2:
      copy[at] ^= 1 << integer(0, 7);
      return copy;
    case 3:
      copy.writeBigUInt64LE(extremes[integer(0, extremes.length - 1)], at);
      return copy;
    case 4:
      copy.writeUInt32LE(Number(extremes[integer(0, 7)]), at);
      return copy;
    case 5:
      return copy.subarray(0, at);
    case 6:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + integer(1, 40))]);
    default:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - integer(1, 40)))]);
  }
}

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

async function fuzz(folder: Folder, name: string, opens: string, head: number, files: number): Promise<void> {
  const whole = await readFile(folder.at(name));
  const before = process.resourceUsage().maxRSS;
  let opened = 0;
  for (let i = 0; i < files; i++) {
    let bytes: Buffer = whole;
    for (let n = integer(1, 3); n > 0 && bytes.length > 16; n--) bytes = damaged(bytes, head);
    await folder.write(name, bytes);
    if (await opensOrIsRefused(folder.at(opens))) opened++;
  }
  const growth = (process.resourceUsage().maxRSS - before) / 1024;
  assert.ok(opened > 0 && opened < files, `${opened} of ${files} opened`);
  assert.ok(growth < 256, `memory grew by ${growth} MB for a file of ${whole.length} bytes`);
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
  await fuzz(folder, "a.gguf", "a.gguf", 1200, 2000);
});

for (const [file, head] of Object.entries({ "model.safetensors": 1200, "config.json": 300 }))
  test(`300 Hugging Face folders with a damaged ${file}: each is refused or whole`, { timeout: 60_000 }, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFolder(folder);
    await fuzz(folder, file, ".", head, 300);
  });
