// The CPU kernels of (rows × inner) · (inner × columns), of which linear's are the case of a transposed second matrix.

import { sumsBytes } from "./linear.tiles";
import type { CpuKernel } from "./op";

export interface ProductParams extends Record<string, number> {
  rows: number;
  /** The dimension that is summed over. */
  inner: number;
  columns: number;
}

/** How many rows of the second matrix are unpacked at a time: a panel of 8 columns of them fits into the L1 cache. */
const maxKBlock = 384;

/** How many panels of 8 columns are unpacked at most: they fit into the L2 cache. */
const maxPanels = 24;

/**
 * `groupRows` interleaves the first matrix as groupTokens in linear.simd.ts does. The second is the op's second input.
 */
export function productOnCpu(
  { rows, inner, columns }: ProductParams,
  layout: string,
  groupRows: Pick<CpuKernel, "kernel" | "params">,
  threads: number,
): CpuKernel[] {
  const groups = Math.ceil(rows / 4);
  const panels = Math.ceil(columns / 8);
  const kBlock = Math.min(inner, maxKBlock);
  const chunks = 4 * threads; // enough that all threads end at about the same time
  const parts = Math.min(groups, Math.ceil(chunks / panels));
  const grain = Math.min(maxPanels, Math.max(1, Math.floor(panels / chunks)));
  const group = {
    kernel: groupRows.kernel,
    params: { ...groupRows.params, kBlock },
    reads: [0],
    items: groups,
    grain: Math.ceil(4096 / inner),
    scratchBytes: groups * inner * 16,
  };
  const multiply = {
    kernel: `matmul_${layout}`,
    params: { rows, inputs: inner, outputs: columns, biased: 0, parts, kBlock },
    items: panels * parts,
    grain,
    local: sumsBytes + grain * Math.ceil(kBlock / 8) * 256,
  };
  return [group, multiply];
}
