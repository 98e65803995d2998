// What an op is. One name: `rope.ts` (shape, reference, which kernels), beside `rope.wgsl` and `rope.simd.ts`.

import { type DType, type Shape, ShapeError, Tensor } from "../graph/tensor";

export type Attrs = Readonly<Record<string, number>>;
export type Params = Readonly<Record<string, number>>;

/** One call of an op as a device sees it. */
export interface Call<P extends Params = Params> {
  params: P;
  /** Of the inputs. */
  shapes: readonly Shape[];
  /** How the device lays each input out: "f32" and "i32" are plain rows; weights may have layouts of the device's own. */
  layouts: readonly string[];
  outputs: readonly Shape[];
}

/** A shader and how many workgroups of it to start. Bindings: params, inputs in order, outputs in order. */
export interface GpuKernel {
  wgsl: string;
  workgroups: readonly [number, number, number];
}

/** A kernel of a `.simd.ts`. Threads take `grain` of its `items` at a time; what an item is, the kernel's file says. */
export interface CpuKernel {
  kernel: string;
  items: number;
  grain: number;
  /** Where they are not the op's. */
  params?: Params;
  /** Which of the op's inputs it reads; all where not said. Kernels that do the same with the same inputs run once. */
  reads?: readonly number[];
  /** Bytes that it writes for the kernel after it to read, instead of the op's outputs. */
  scratchBytes?: number;
  /** Bytes that a thread needs for itself. */
  local?: number;
}

/** A call of an op in a trace. */
export interface Traced<A extends Attrs = Attrs> {
  op: Op;
  inputs: readonly Tensor[];
  attrs: A;
  outputs: readonly Tensor[];
}

export interface Op<A extends Attrs = Attrs, P extends Params = Params> {
  name: string;
  /** The shape of each output; throws ShapeError where the inputs do not fit. */
  shapes(inputs: readonly Shape[], attrs: A): readonly Shape[];
  /** The type of each output; f32 where not said. */
  dtypes?(inputs: readonly DType[]): readonly ("f32" | "i32")[];
  /** The first output is the first input's own buffer, a state, changed. That input is then not bound apart from it. */
  inPlace?: true;
  /** The kernels' parameters, in the order of the shader's `struct Params`, which also gives their types. */
  params(inputs: readonly Shape[], attrs: A): P;
  /**
   * What the op means, in float64. `inputs` hold the weights dequantized; outputs start as zeros, or as input 0 where in
   * place.
   */
  reference(outputs: readonly Float64Array[], inputs: readonly Float64Array[], params: P): void;
  /**
   * Gradients of the inputs, in ops, given those of the outputs. An op with several outputs must expect undefined for
   * those on which the loss does not depend. Where an input has no gradient it is undefined or left out; gradients that
   * nobody asked for are traced in vain, but never computed.
   */
  gradient?(call: Traced<A>, gradients: readonly Tensor[]): readonly (Tensor | undefined)[];
  /** The GPU's kernels, run in order. */
  gpu(call: Call<P>): readonly GpuKernel[];
  /** The CPU's kernels, run in order, for so many threads. */
  cpu(call: Call<P>, threads: number): readonly CpuKernel[];
}

/** Adds a call of `op` to the trace; returns its outputs. */
export function applyAll<A extends Attrs, P extends Params>(
  op: Op<A, P>,
  inputs: readonly Tensor[],
  attrs: A,
): readonly Tensor[] {
  if (op.inPlace && inputs[0].base.source.kind !== "state")
    throw new ShapeError(`${op.name}: what is changed in place must be a state, or a view of one`);
  const shapes = op.shapes(
    inputs.map(({ shape }) => shape),
    attrs,
  );
  const dtypes = op.dtypes?.(inputs.map(({ dtype }) => dtype));
  const outputs: Tensor[] = [];
  const call: Traced = { op: op as unknown as Op, inputs, attrs, outputs };
  for (const [index, shape] of shapes.entries())
    outputs.push(new Tensor(shape, dtypes?.[index] ?? "f32", { kind: "call", call, index }));
  return outputs;
}

/** Adds a call of an op of which only the first output is wanted. */
export const apply = <A extends Attrs, P extends Params>(op: Op<A, P>, inputs: readonly Tensor[], attrs: A): Tensor =>
  applyAll(op, inputs, attrs)[0];

/** Throws unless `shape` is what was expected; null stands for any size. */
export function expectShape(what: string, shape: Shape, expected: readonly (number | null)[]): void {
  if (shape.length === expected.length && expected.every((size, i) => size === null || size === shape[i])) return;
  const show = (sizes: readonly (number | null)[]) => `(${sizes.map((size) => size ?? "any").join(", ")})`;
  throw new ShapeError(`${what}: expected shape ${show(expected)}, got ${show(shape)}`);
}

/** Workgroups of 64 threads for a shader that gives each thread one item, numbered `id.x + id.y * 65535 * 64`. */
export function oneThreadEach(items: number): readonly [number, number, number] {
  const groups = Math.ceil(items / 64);
  return groups <= 65535 ? [groups, 1, 1] : [65535, Math.ceil(groups / 65535), 1];
}

/** Workgroups for a shader that gives each workgroup one item, numbered `group.x + group.y * 65535`. */
export const oneGroupEach = (items: number): readonly [number, number, number] =>
  items <= 65535 ? [items, 1, 1] : [65535, Math.ceil(items / 65535), 1];

/** How many rows of `width` values a CPU thread takes at a time, where a row is quickly done: some 8192 values. */
export const rowsPerShare = (width: number): number => Math.ceil(8192 / width);
