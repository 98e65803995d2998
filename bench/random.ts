// Writes a llama of 0.5B parameters with random weights, in the shape of Qwen2.5-0.5B, on which speed is measured. A file
// that exists is kept; its bytes are the same every time.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { floatToHalf } from "../engine/graph/half";
import { blocks, storedBytes } from "../engine/graph/storage";
import { sizeOf } from "../engine/graph/tensor";
import type { MetadataType, MetadataValue, TensorInfo } from "../engine/load/checkpoint";
import { writeGguf } from "../engine/load/writeGguf";

const [layers, width, hidden, heads, kvHeads, vocabulary] = [24, 896, 4864, 14, 2, 151936];
const kvWidth = (width / heads) * kvHeads;

/**
 * The standard deviation of quants of random bits, and the bits that are set in each word: odd bytes are never −128, which
 * quantizers do not write either.
 */
const types = {
  q8_0: { deviation: 73.9, setBits: 0x01010101 },
  q4_0: { deviation: 4.6, setBits: 0 },
};
type Type = keyof typeof types;

export async function randomModel(path: string, type: Type): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const random = generator();
  const tensors = new Map(tensorsOf(type).map((tensor) => [tensor.name, tensor]));
  let values = new Uint8Array(0);
  await writeGguf(path, {
    metadata: new Map(metadata(type)),
    metadataTypes: new Map<string, MetadataType>([
      ["tokenizer.ggml.scores", "f32[]"],
      ["tokenizer.ggml.token_type", "i32[]"],
    ]),
    tensors,
    async read(name, from, length) {
      if (from === 0) values = valuesOf(tensors.get(name)!, random); // tensors are written one after the other
      return values.subarray(from, from + length);
    },
  });
}

function tensorsOf(type: Type): TensorInfo[] {
  const tensor = (name: string, type: TensorInfo["type"], ...shape: number[]) => {
    return { name: `${name}.weight`, type, shape, bytes: storedBytes(type, sizeOf(shape)) };
  };
  const norm = (name: string) => tensor(name, "f32", width);
  const matrix = (name: string, columns: number, rows: number) => tensor(name, type, rows, columns);
  const blocks = Array.from({ length: layers }, (_, layer) => [
    norm(`blk.${layer}.attn_norm`),
    matrix(`blk.${layer}.attn_q`, width, width),
    matrix(`blk.${layer}.attn_k`, width, kvWidth),
    matrix(`blk.${layer}.attn_v`, width, kvWidth),
    matrix(`blk.${layer}.attn_output`, width, width),
    norm(`blk.${layer}.ffn_norm`),
    matrix(`blk.${layer}.ffn_gate`, width, hidden),
    matrix(`blk.${layer}.ffn_up`, width, hidden),
    matrix(`blk.${layer}.ffn_down`, hidden, width),
  ]);
  return [matrix("token_embd", width, vocabulary), norm("output_norm"), ...blocks.flat()];
}

/** A norm's values are 1. Others are blocks of random quants, with a scale by which activations keep their size. */
function valuesOf({ type, shape, bytes }: TensorInfo, random: () => number): Uint8Array<ArrayBuffer> {
  if (type === "f32") return new Uint8Array(new Float32Array(width).fill(1).buffer);
  const { deviation, setBits } = types[type as Type];
  const scale = floatToHalf(1 / (deviation * Math.sqrt(shape[1])));
  const values = Buffer.from(Uint32Array.from({ length: bytes / 4 }, () => random() | setBits).buffer);
  for (let block = 0; block < bytes; block += blocks[type].bytes) values.writeUInt16LE(scale, block);
  return values as Uint8Array<ArrayBuffer>;
}

/** Xorshift of 32 bits (Marsaglia 2003). */
function generator(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}

function metadata(type: Type): [string, MetadataValue][] {
  const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, "0")}>`);
  const words = Array.from({ length: vocabulary - 3 - bytes.length }, (_, i) => `word${i}`);
  const kinds = [2, 3, 3, ...bytes.map(() => 6), ...words.map(() => 1)];
  return [
    ["general.architecture", "llama"],
    ["general.name", `Random 0.5B ${type.toUpperCase()}`],
    ["llama.context_length", 4096],
    ["llama.embedding_length", width],
    ["llama.block_count", layers],
    ["llama.feed_forward_length", hidden],
    ["llama.attention.head_count", heads],
    ["llama.attention.head_count_kv", kvHeads],
    ["llama.attention.layer_norm_rms_epsilon", 1e-6],
    ["llama.rope.dimension_count", width / heads],
    ["tokenizer.ggml.model", "llama"],
    ["tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", ...bytes, ...words]],
    ["tokenizer.ggml.scores", kinds.map(() => 0)],
    ["tokenizer.ggml.token_type", kinds],
    ["tokenizer.ggml.bos_token_id", 1],
    ["tokenizer.ggml.eos_token_id", 2],
  ];
}
