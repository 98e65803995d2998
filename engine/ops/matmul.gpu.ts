// The WebGPU kernel of (rows × inner) · (inner × columns).

import type { ProductParams } from "./matmul.cpu";
import tile from "./matmul.wgsl";
import plain from "./matmulPlain.wgsl";
import stored from "./matmulStored.wgsl";
import type { GpuKernel } from "./op";
import { readWeight } from "./weight";

/** The shader and its workgroups. `loadRows` is the WGSL that loads the first matrix. */
export function productOnGpu({ rows, columns }: ProductParams, loadRows: string, layout: string): GpuKernel {
  const tiles = (height: number) => [Math.ceil(columns / 64), Math.ceil(rows / height), 1] as const;
  const [across, down] = tiles(64);
  const height = across * down < 64 ? 16 : 64; // small tiles where the result is small, so that more workgroups take part
  const loadColumns = layout === "f32" ? plain : readWeight(layout) + stored;
  return { wgsl: `const ROWS = ${height}u;\n${tile}${loadRows}${loadColumns}`, workgroups: tiles(height) };
}
