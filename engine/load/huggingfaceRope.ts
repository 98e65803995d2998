// How config.json says that rotary positions are stretched (transformers' modeling_rope_utils.py), in GGUF's terms.

import { type MetadataType, type MetadataValue, quote } from "./checkpoint";
import type { JsonReader } from "./json";

/** A value and how GGUF stores it. */
export type Typed = readonly [MetadataValue, MetadataType];

export interface FolderRope {
  base: number;
  /** Under `{arch}.rope.scaling.`. */
  metadata: Record<string, Typed>;
  /** Llama 3's scheme has no keys in GGUF but a tensor: the numbers by which the pairs' angles are divided. */
  factors?: Float32Array<ArrayBuffer>;
}

/** GGUF keeps the rows of q and k that turn together next to each other, of these architectures alone. */
export const turnsNeighbours = (architecture: string): boolean => architecture === "llama";

/** Of a head's rows as GGUF orders them where neighbours turn together, the place that a row has in Hugging Face's. */
export const huggingFaceRow = (row: number, headRows: number): number => (row >> 1) + (row & 1) * (headRows / 2);

export function ropeScaling(config: JsonReader, context: number, headDim: number): FolderRope {
  // transformers 5 gathers in rope_parameters what used to be rope_theta and rope_scaling.
  const rope = config.object("rope_parameters") ?? config.object("rope_scaling");
  const base = rope?.get("rope_theta") === undefined ? config.positive("rope_theta", 1e4) : rope.positive("rope_theta");
  const type = rope?.text("rope_type") ?? rope?.text("type") ?? "default";
  if (!rope || type === "default") return { base, metadata: {} };
  if (type !== "linear" && type !== "llama3" && type !== "yarn")
    throw config.refuse(`the RoPE scaling ${quote(type)} is not supported; supported are linear, llama3 and yarn`);
  const factor = rope.positive("factor");
  if (type === "llama3") return { base, metadata: {}, factors: llama3Factors(rope, factor, base, headDim) };
  if (type === "yarn") return { base, metadata: yarn(rope, factor, context) };
  return { base, metadata: { type: [type, "string"], factor: [factor, "f32"] } };
}

/** Slow pairs turn `factor` times slower, fast ones as before, and those between in proportion. */
function llama3Factors(rope: JsonReader, factor: number, base: number, headDim: number): Float32Array<ArrayBuffer> {
  const slow = rope.number("low_freq_factor");
  const fast = rope.number("high_freq_factor");
  if (fast <= slow)
    throw rope.refuse(`${rope.name("high_freq_factor")} should be above low_freq_factor, ${slow}, but is ${fast}`);
  const trained = rope.count("original_max_position_embeddings");
  return Float32Array.from({ length: headDim / 2 }, (_, pair) => {
    const turns = trained / (2 * Math.PI * base ** ((2 * pair) / headDim));
    const share = Math.min(1, Math.max(0, (turns - slow) / (fast - slow)));
    return 1 / ((1 - share) / factor + share);
  });
}

function yarn(rope: JsonReader, factor: number, context: number): Record<string, Typed> {
  if (rope.flag("truncate") === false)
    throw rope.refuse(`${rope.name("truncate")} is off; supported is YaRN with it on`);
  // GGUF's readers sharpen by 1 + 0.1 ln(factor) of their own accord; attn_factor comes on top.
  const sharpen = (scale = 1) => 1 + 0.1 * scale * Math.log(Math.max(1, factor));
  const [mscale, mscaleAll] = [rope.number("mscale", 0), rope.number("mscale_all_dim", 0)];
  const wanted = rope.number(
    "attention_factor",
    mscale && mscaleAll ? sharpen(mscale) / sharpen(mscaleAll) : sharpen(),
  );
  return {
    type: ["yarn", "string"],
    factor: [factor, "f32"],
    original_context_length: [rope.count("original_max_position_embeddings", context), "u32"],
    attn_factor: [wanted / sharpen(), "f32"],
    yarn_beta_fast: [rope.number("beta_fast", 32), "f32"],
    yarn_beta_slow: [rope.number("beta_slow", 1), "f32"],
  };
}
