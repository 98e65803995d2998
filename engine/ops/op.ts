// What an op is. The files of one have one name: `rope.ts` (shapes, reference, gradient), `rope.wgsl` and `rope.simd.ts`
// (kernels).

import { type DType, type Shape, ShapeError, Tensor } from "../graph/tensor";

export type Attrs = Readonly<Record<string, number>>;
export type Params = Readonly<Record<string, number>>;

/** A call of an op, as devices see it. */
export interface Call<P extends Params = Params> {
  params: P;
  /** The inputs' shapes. */
  shapes: readonly Shape[];
  /** The inputs' layouts: "f32" and "i32" are plain row-major values; weights may have a layout of the device's own. */
  layouts: readonly string[];
  /** The outputs' shapes. */
  outputs: readonly Shape[];
}

/** A shader, and how many workgroups to dispatch. Its bindings are params, then the inputs, then the outputs. */
export interface GpuKernel {
  wgsl: string;
  workgroups: readonly [number, number, number];
}

/** A CPU kernel, of a `.simd.ts` file, which says what an item is. Threads take chunks of `grain` items. */
export interface CpuKernel {
  kernel: string;
  items: number;
  grain: number;
  /** Instead of the op's params. */
  params?: Params;
  /**
   * Which of the op's inputs it reads; all by default. A kernel that computes the same scratch values again is left out.
   */
  reads?: readonly number[];
  /** The size of the scratch values that it writes, instead of the op's outputs, for the kernel after it. */
  scratchBytes?: number;
  /** Bytes of local memory that each thread needs. */
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
  /** The shape of each output. Throws ShapeError where the inputs' shapes do not fit. */
  shapes(inputs: readonly Shape[], attrs: A): readonly Shape[];
  /** The type of each output; f32 by default. */
  dtypes?(inputs: readonly DType[]): readonly ("f32" | "i32" | "f16")[];
  /** The op changes its first input, a state, which is also its first output. Shaders bind it once, as the output. */
  inPlace?: true;
  /** The index of the input that may be a matrix in any storage type; the others must be f32 or i32. */
  storedInput?: number;
  /** The indices of the inputs that may be f16 states. */
  f16Inputs?: readonly number[];
  /** The kernels' params, in the order of the shader's `struct Params`, which declares their types. */
  params(inputs: readonly Shape[], attrs: A): P;
  /**
   * Computes the op in float64; this defines what it means. Weights among the inputs are dequantized. Outputs are zero at
   * first; an in-place op's first output is its first input.
   */
  reference(outputs: readonly Float64Array[], inputs: readonly Float64Array[], params: P): void;
  /**
   * Traces the gradients of the inputs, given those of the outputs. The gradient of an output is undefined where the op
   * has several and the loss does not depend on this one. An input without a gradient gets undefined, or is left out at
   * the end. Gradients that are not needed are traced, but no plan computes them.
   */
  gradient?(call: Traced<A>, gradients: readonly Tensor[]): readonly (Tensor | undefined)[];
  /** The GPU's kernels, run in order. */
  gpu(call: Call<P>): readonly GpuKernel[];
  /** The CPU's kernels, run in order, for a number of threads. */
  cpu(call: Call<P>, threads: number): readonly CpuKernel[];
}

/** Traces a call of `op`; returns its outputs. Throws ShapeError where the inputs do not fit. */
export function applyAll<A extends Attrs, P extends Params>(
  op: Op<A, P>,
  inputs: readonly Tensor[],
  attrs: A,
): readonly Tensor[] {
  if (op.inPlace && inputs[0].base.source.kind !== "state")
    throw new ShapeError(`${op.name}: the first input is changed in place and must be a state, or a view of one`);
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

/** Traces a call of `op`; returns its first output. */
export const apply = <A extends Attrs, P extends Params>(op: Op<A, P>, inputs: readonly Tensor[], attrs: A): Tensor =>
  applyAll(op, inputs, attrs)[0];

/** Throws ShapeError unless `shape` is as expected; null stands for any size. `what` names it in the message. */
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

/** The grain of a CPU kernel whose items are rows of `width` values and take little time each: some 8192 values. */
export const rowsPerChunk = (width: number): number => Math.ceil(8192 / width);
