// How shaders read a weight in one of the GPU's layouts, block by block of 32 values. The layouts are the storage types,
// their fields pulled apart (device/webgpu/planes.ts), so that a weight takes as much memory as in its file.

import type { StorageType } from "../graph/storage";
import bf16 from "./weight/bf16.wgsl";
import block from "./weight/block.wgsl";
import f16 from "./weight/f16.wgsl";
import f32 from "./weight/f32.wgsl";
import halves from "./weight/halves.wgsl";
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
  f16: halves + f16,
  bf16: halves + bf16,
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
 * WGSL of `weightBlock(n)`, the n-th 32 values of a weight. The shader it is joined to declares `weight`, the buffer, as
 * an array<WeightItem>, and `weightBlocks()`, how many blocks the whole weight has.
 */
export function readWeight(layout: string): string {
  const reader = readers[layout as StorageType];
  if (!reader) throw new Error(`No shader reads weights laid out as ${layout}`);
  return block + reader;
}
