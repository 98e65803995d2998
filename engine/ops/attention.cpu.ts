// Chooses attention's CPU kernels by the cache's layout and the number of queries.

import type { AttentionParams } from "./attention.shared";
import { halfKeys, i16Scratch, tileColumns } from "./attention.tiles";
import type { Call, CpuKernel } from "./op";

/** How a kernel blocks its work: the queries of a block, and the bytes of local memory that it needs. */
interface Blocking {
  kernel: string;
  queries: number;
  local: number;
}

export function attentionKernels({ params, layouts }: Call<AttentionParams>, threads: number): readonly CpuKernel[] {
  const { count, heads, kvHeads, valueDim, capacity } = params;
  const { kernel, queries, local } = layouts[1] === "i16" ? overI16(params) : overF32(params);
  // At least four items a thread, for balance.
  const items = kvHeads * Math.ceil(count / queries);
  const parts = Math.max(1, Math.min(Math.ceil((4 * threads) / items), Math.ceil(capacity / tileColumns)));
  const attend = { kernel, params: { ...params, queries, parts }, items: items * parts, grain: 1, local };
  if (parts === 1) return [attend];
  const sum = { kernel: "attentionSum", params: attend.params, items: count * heads, grain: 64, reads: [] };
  return [{ ...attend, scratchBytes: count * heads * parts * (4 * valueDim + 8) }, sum];
}

function overF32({ count, heads, kvHeads, dim, valueDim }: AttentionParams): Blocking {
  const shared = heads / kvHeads;
  // About 24 rows, so that they and the packed keys fit into the L1 cache.
  const queries = Math.min(count, Math.max(1, 4 * Math.round(6 / shared)));
  const fours = Math.ceil((queries * shared) / 4);
  const local = 4 * halfKeys * dim + fours * (16 * dim + 16 * tileColumns + 16 * valueDim + 32);
  return { kernel: "attention", queries, local };
}

function overI16({ count, heads, kvHeads, dim, valueDim }: AttentionParams): Blocking {
  const shared = heads / kvHeads;
  // About 96 rows, so that packing keys and values takes little of the time.
  const queries = Math.min(count, Math.max(1, 4 * Math.round(24 / shared)));
  const fours = Math.ceil((queries * shared) / 4);
  const [keyBytes, valueBytes] = [dim, valueDim].map((size) => 16 * Math.ceil(size / 8));
  const tiles = tileColumns * (keyBytes + valueBytes);
  return { kernel: "attention_i16", queries, local: i16Scratch + tiles + fours * (4 * keyBytes + 8 * valueBytes + 48) };
}
