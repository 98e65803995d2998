// Which kernels multiply by a matrix whose rows are summed over, (rows × inner) · (inner × columns), on the CPU.

import { sumsBytes } from "./linear.tiles";
import type { CpuKernel } from "./op";

export interface ProductParams extends Record<string, number> {
  rows: number;
  /** Rows of the second matrix, which are summed over. */
  inner: number;
  columns: number;
}

/** Rows of the second matrix that are unpacked at a time: 8 columns of them stay in the nearest cache. */
const chunk = 384;

/** Panels of 8 columns that are unpacked together, at most: they stay in a near cache. */
const most = 24;

/** `groupRows` leaves the first matrix as linear.simd.ts describes; the second is the op's second input. */
export function productOnCpu(
  { rows, inner, columns }: ProductParams,
  layout: string,
  groupRows: Pick<CpuKernel, "kernel" | "params">,
  threads: number,
): CpuKernel[] {
  const groups = Math.ceil(rows / 4);
  const panels = Math.ceil(columns / 8);
  const together = Math.min(inner, chunk);
  const shares = 4 * threads; // so many that threads end at the same time
  const parts = Math.min(groups, Math.ceil(shares / panels));
  const grain = Math.min(most, Math.max(1, Math.floor(panels / shares)));
  const group = {
    kernel: groupRows.kernel,
    params: { ...groupRows.params, together },
    reads: [0],
    items: groups,
    grain: Math.ceil(4096 / inner),
    scratchBytes: groups * inner * 16,
  };
  const multiply = {
    kernel: `matmul_${layout}`,
    params: { rows, inputs: inner, outputs: columns, biased: 0, parts, together },
    items: panels * parts,
    grain,
    local: sumsBytes + grain * Math.ceil(together / 8) * 256,
  };
  return [group, multiply];
}
