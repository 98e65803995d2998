// Converts the RoPE scaling of config.json (transformers' modeling_rope_utils.py) to GGUF's metadata.

import { type MetadataType, type MetadataValue, quote } from "./checkpoint";
import type { JsonReader } from "./json";

/** A value and how GGUF stores it. */
export type Typed = readonly [MetadataValue, MetadataType];

/** How positions are rotated. */
export interface FolderRope {
  base: number;
  /** Under `{arch}.rope.scaling.`. */
  metadata: Record<string, Typed>;
  /** Llama 3's scaling, which is a tensor in GGUF: the divisor of each pair's angle. */
  factors?: Float32Array<ArrayBuffer>;
}

/** Whether GGUF's RoPE rotates pairs of neighbouring rows (2i, 2i + 1), for which q and k are permuted. */
export const interleavesRope = (architecture: string): boolean => architecture === "llama";

/**
 * The row in Hugging Face's order of a head, with pairs (i, i + headRows/2), of row `row` in GGUF's interleaved order.
 */
export const huggingFaceRow = (row: number, headRows: number): number => (row >> 1) + (row & 1) * (headRows / 2);

/** Converts the scaling. Throws CheckpointError where it is not supported. */
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

/** Low frequencies are divided by `factor`, high ones are kept, those between are interpolated. */
function llama3Factors(rope: JsonReader, factor: number, base: number, headDim: number): Float32Array<ArrayBuffer> {
  const slow = rope.number("low_freq_factor");
  const fast = rope.number("high_freq_factor");
  if (fast <= slow)
    throw rope.refuse(`${rope.name("high_freq_factor")} should be above low_freq_factor, ${slow}, but is ${fast}`);
  const trained = rope.count("original_max_position_embeddings");
  return Float32Array.from({ length: headDim / 2 }, (_, pair) => {
    const rotations = trained / (2 * Math.PI * base ** ((2 * pair) / headDim));
    const ramp = Math.min(1, Math.max(0, (rotations - slow) / (fast - slow)));
    return 1 / ((1 - ramp) / factor + ramp);
  });
}

function yarn(rope: JsonReader, factor: number, context: number): Record<string, Typed> {
  if (rope.flag("truncate") === false)
    throw rope.refuse(`${rope.name("truncate")} is off; supported is YaRN with it on`);
  // GGUF's readers multiply the scores by mscale = 1 + 0.1 ln(factor) themselves, and by attn_factor.
  const mscaleOf = (scale = 1) => 1 + 0.1 * scale * Math.log(Math.max(1, factor));
  const [mscale, mscaleAll] = [rope.number("mscale", 0), rope.number("mscale_all_dim", 0)];
  const wanted = rope.number(
    "attention_factor",
    mscale && mscaleAll ? mscaleOf(mscale) / mscaleOf(mscaleAll) : mscaleOf(),
  );
  return {
    type: ["yarn", "string"],
    factor: [factor, "f32"],
    original_context_length: [rope.count("original_max_position_embeddings", context), "u32"],
    attn_factor: [wanted / mscaleOf(), "f32"],
    yarn_beta_fast: [rope.number("beta_fast", 32), "f32"],
    yarn_beta_slow: [rope.number("beta_slow", 1), "f32"],
  };
}
