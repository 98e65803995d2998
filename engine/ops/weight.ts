// The WGSL with which shaders read a weight, 32 values at a time, in the GPU's layout of its storage type
// (device/webgpu/planes.ts).

import type { StorageType } from "../graph/storage";
import bf16 from "./weight/bf16.wgsl";
import bits16 from "./weight/bits16.wgsl";
import block from "./weight/block.wgsl";
import f16 from "./weight/f16.wgsl";
import f32 from "./weight/f32.wgsl";
import q2_k from "./weight/q2_k.wgsl";
import q3_k from "./weight/q3_k.wgsl";
import q4_0 from "./weight/q4_0.wgsl";
import q4_1 from "./weight/q4_1.wgsl";
import q4_k from "./weight/q4_k.wgsl";
import q5_0 from "./weight/q5_0.wgsl";
import q5_1 from "./weight/q5_1.wgsl";
import q5_k from "./weight/q5_k.wgsl";
import q6_k from "./weight/q6_k.wgsl";
import q8_0 from "./weight/q8_0.wgsl";
import quants from "./weight/quants.wgsl";
import scales from "./weight/scales.wgsl";

const readers: Record<StorageType, string> = {
  f32,
  f16: bits16 + f16,
  bf16: bits16 + bf16,
  q4_0: quants + q4_0,
  q4_1: quants + q4_1,
  q5_0: quants + q5_0,
  q5_1: quants + q5_1,
  q8_0: quants + q8_0,
  q2_k: quants + q2_k,
  q3_k: quants + q3_k,
  q4_k: quants + scales + q4_k,
  q5_k: quants + scales + q5_k,
  q6_k: quants + q6_k,
};

/**
 * The WGSL of `weightBlock(n)`, which returns values 32 n … 32 n + 31 of a weight. The shader that uses it declares the
 * buffer `weight` as an array<WeightItem>, and `weightBlocks()`, the number of blocks of the whole weight.
 */
export function readWeight(layout: string): string {
  const reader = readers[layout as StorageType];
  if (!reader) throw new Error(`Expected a weight in a storage type, got ${layout}, which no shader reads`);
  return block + reader;
}
