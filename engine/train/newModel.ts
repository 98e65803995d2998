// A new model: a small llama with random weights, initialised as GPT-2 is (Radford et al., 2019).

import { type Shape, sizeOf } from "../graph/tensor";
import type { Checkpoint, MetadataType, MetadataValue } from "../load/checkpoint";
import { type MemoryTensor, memoryCheckpoint } from "../load/memory";
import { normal } from "./random";

export interface ModelShape {
  layers: number;
  width: number;
  /** Width of the feed-forward. */
  hidden: number;
  heads: number;
  kvHeads: number;
  /** The most tokens that it reads at once. */
  context: number;
  ropeBase: number;
}

/** Completes a shape. Of nothing it makes a model of 4 million weights with the tokenizer's default vocabulary. */
export function shapeOf({ layers = 4, width = 256, ...given }: Partial<ModelShape>): ModelShape {
  const heads = given.heads ?? Math.max(1, Math.round(width / 64));
  return {
    layers,
    width,
    hidden: given.hidden ?? 32 * Math.round((width * 8) / 3 / 32), // as many weights as 4 · width would be without a gate
    heads,
    kvHeads: given.kvHeads ?? heads,
    context: given.context ?? 512,
    ropeBase: given.ropeBase ?? 10000,
  };
}

/**
 * `tokenizer` is the metadata under `tokenizer.ggml.*`. The output layer is the embedding. Throws RangeError where the shape
 * is impossible.
 */
export function newModel(
  name: string,
  shape: ModelShape,
  tokenizer: ReadonlyMap<string, MetadataValue>,
  seed: number,
): Checkpoint {
  expectPossible(shape);
  const vocab = (tokenizer.get("tokenizer.ggml.tokens") as string[]).length;
  const { layers, width, hidden, heads, kvHeads, context, ropeBase } = shape;
  const tensors = Object.entries(tensorsOf(shape, vocab)).map(([name, { of, deviation }], i): MemoryTensor => {
    const values = Float32Array.from({ length: sizeOf(of) }, (_, at) =>
      deviation ? deviation * normal(seed, i, at) : 1,
    );
    return { name, type: "f32", shape: of, data: new Uint8Array(values.buffer) };
  });
  const metadata: [string, MetadataValue, MetadataType][] = [
    ["general.architecture", "llama", "string"],
    ["general.name", name, "string"],
    ["llama.block_count", layers, "u32"],
    ["llama.context_length", context, "u32"],
    ["llama.embedding_length", width, "u32"],
    ["llama.feed_forward_length", hidden, "u32"],
    ["llama.attention.head_count", heads, "u32"],
    ["llama.attention.head_count_kv", kvHeads, "u32"],
    ["llama.attention.layer_norm_rms_epsilon", 1e-5, "f32"],
    ["llama.rope.freq_base", ropeBase, "f32"],
    ["llama.rope.dimension_count", width / heads, "u32"],
    ["llama.vocab_size", vocab, "u32"],
  ];
  return memoryCheckpoint([...metadata.map(([key, value]) => [key, value] as const), ...tokenizer], tensors, [
    ...metadata.map(([key, , type]) => [key, type] as const),
    ["tokenizer.ggml.token_type", "i32[]"],
  ]);
}

interface NewTensor {
  of: Shape;
  /** Standard deviation of the random values; without one all values are 1. */
  deviation?: number;
}

const deviation = 0.02;

function tensorsOf({ layers, width, hidden, kvHeads, heads }: ModelShape, vocab: number): Record<string, NewTensor> {
  const keys = (width / heads) * kvHeads;
  /** Of the two matrices that write into the residual stream, so that it does not grow with the layers. */
  const added = deviation / Math.sqrt(2 * layers);
  const layer = {
    attn_norm: { of: [width] },
    attn_q: { of: [width, width], deviation },
    attn_k: { of: [keys, width], deviation },
    attn_v: { of: [keys, width], deviation },
    attn_output: { of: [width, width], deviation: added },
    ffn_norm: { of: [width] },
    ffn_gate: { of: [hidden, width], deviation },
    ffn_up: { of: [hidden, width], deviation },
    ffn_down: { of: [width, hidden], deviation: added },
  };
  const blocks = Array.from({ length: layers }, (_, i) =>
    Object.entries(layer).map(([name, tensor]) => [`blk.${i}.${name}.weight`, tensor] as const),
  );
  return {
    "token_embd.weight": { of: [vocab, width], deviation },
    ...Object.fromEntries(blocks.flat()),
    "output_norm.weight": { of: [width] },
  };
}

function expectPossible({ ropeBase, ...counts }: ModelShape): void {
  for (const [name, count] of Object.entries(counts))
    if (!(Number.isInteger(count) && count >= 1))
      throw new RangeError(`A model's ${name} should be a whole number from 1 on, not ${count}`);
  if (!(ropeBase > 0)) throw new RangeError(`A model's ropeBase should be positive, not ${ropeBase}`);
  const { width, heads, kvHeads } = counts;
  if (width % (2 * heads))
    throw new RangeError(`${heads} heads cannot share a width of ${width}: each takes an even part of it`);
  if (heads % kvHeads) throw new RangeError(`${heads} heads cannot share ${kvHeads} heads of keys and values evenly`);
}
