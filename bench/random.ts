// A llama of 0.5B parameters with random weights, in the shape of Qwen2.5-0.5B: what speed is measured on.
// Written once, the same bytes every time.

import { existsSync } from "node:fs";
import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { array, f32, header, i32, string, type TensorEntry, u32 } from "./gguf";

const [layers, width, hidden, heads, kvHeads, vocabulary] = [24, 896, 4864, 14, 2, 151936];
const kvWidth = (width / heads) * kvHeads;

/** Blocks of 32 integers behind an f16 scale. Odd bytes keep Q8_0 within ±127, as quantizers leave it. */
const types = {
  Q8_0: { id: 8, bytes: 34, deviation: 73.9, always: 0x01010101 },
  Q4_0: { id: 2, bytes: 18, deviation: 4.6, always: 0 },
};
type Type = keyof typeof types;

export async function randomModel(path: string, type: Type): Promise<void> {
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  const tensors = tensorsOf(type);
  const random = generator();
  const file = await open(`${path}.partial`, "w");
  await file.write(header(metadata(type), tensors));
  for (const tensor of tensors) for (const piece of values(tensor, type, random)) await file.write(piece);
  await file.close();
  await rename(`${path}.partial`, path);
}

function tensorsOf(type: Type): TensorEntry[] {
  const { id, bytes } = types[type];
  const norm = (name: string) => ({ name: `${name}.weight`, dims: [width], type: 0, size: 4 * width });
  const matrix = (name: string, columns: number, rows: number) => {
    return { name: `${name}.weight`, dims: [columns, rows], type: id, size: (columns / 32) * rows * bytes };
  };
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

/** The tensor's bytes, piece by piece. */
function* values({ dims: [columns, rows], size }: TensorEntry, type: Type, random: () => number): Generator<Buffer> {
  if (rows === undefined) {
    yield Buffer.from(new Float32Array(columns).fill(1).buffer);
    return;
  }
  const { bytes, deviation, always } = types[type];
  const scale = halfOf(1 / (deviation * Math.sqrt(columns)));
  const most = bytes * 32768;
  for (let at = 0; at < size; at += most) {
    const length = Math.min(most, size - at);
    const words = new Uint32Array(length / 4);
    for (let i = 0; i < words.length; i++) words[i] = random() | always;
    const piece = Buffer.from(words.buffer);
    for (let block = 0; block < length; block += bytes) piece.writeUInt16LE(scale, block);
    yield piece;
  }
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

/** A small normal number as f16, its mantissa cut. */
function halfOf(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  return ((bits >>> 13) & 0x3ff) | (((bits >>> 23) - 112) << 10);
}

function metadata(type: Type) {
  const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, "0")}>`);
  const words = Array.from({ length: vocabulary - 3 - bytes.length }, (_, i) => `word${i}`);
  const kinds = [2, 3, 3, ...bytes.map(() => 6), ...words.map(() => 1)];
  return {
    "general.architecture": string("llama"),
    "general.name": string(`Random 0.5B ${type}`),
    "llama.context_length": u32(4096),
    "llama.embedding_length": u32(width),
    "llama.block_count": u32(layers),
    "llama.feed_forward_length": u32(hidden),
    "llama.attention.head_count": u32(heads),
    "llama.attention.head_count_kv": u32(kvHeads),
    "llama.attention.layer_norm_rms_epsilon": f32(1e-6),
    "llama.rope.dimension_count": u32(width / heads),
    "tokenizer.ggml.model": string("llama"),
    "tokenizer.ggml.tokens": array(["<unk>", "<s>", "</s>", ...bytes, ...words].map(string)),
    "tokenizer.ggml.scores": array(kinds.map(() => f32(0))),
    "tokenizer.ggml.token_type": array(kinds.map(i32)),
    "tokenizer.ggml.bos_token_id": u32(1),
    "tokenizer.ggml.eos_token_id": u32(2),
  };
}
