// A tensor in a trace: a shape, a dtype and where its values come from. It holds no values.
// Models and gradients are written as functions of tensors; plan.ts turns the graph they leave into a plan.

import type { Traced } from "../ops/op";
import type { StorageType } from "./storage";

/** Sizes, outermost first: (rows, columns). */
export type Shape = readonly number[];

/** Values that kernels compute are f32 or i32; a weight may be stored in any of GGUF's types. */
export type DType = "i32" | StorageType;

/** Where a tensor's values come from. */
export type TensorSource =
  /** A row of the checkpoint's table of tensors, read-only on the device. */
  | { kind: "weight"; name: string }
  /** Values computed once on the host when the model is loaded, such as rotary angles. */
  | { kind: "constant"; name: string; values: () => Float32Array | Int32Array }
  /** A buffer that outlives a run: the KV cache, the token ids, the positions. Zero at first. */
  | { kind: "state"; name: string }
  /** One of the outputs of a call. */
  | { kind: "call"; call: Traced; index: number }
  /** The same values, or those from row-major index `from` on, under another shape. */
  | { kind: "view"; of: Tensor; from: number }
  /** The same values. The reverse pass computes what led to them again, so that nothing of it is kept until then. */
  | { kind: "checkpointed"; of: Tensor; segment: Segment };

/** A part of a trace that a reverse pass traces again. */
export interface Segment {
  outputs: readonly Tensor[];
  /** The same outputs, traced anew. */
  retrace(): readonly Tensor[];
}

export class ShapeError extends Error {
  override name = "ShapeError";
}

let created = 0;

export class Tensor {
  /** Creation order: the order in which calls run. */
  readonly id = created++;
  /** The tensor whose buffer this one shares: what a view shows, what an in-place call changes. */
  readonly base: Tensor;
  /** The row-major index in `base` at which this one's values begin. */
  readonly offset: number;

  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
    readonly source: TensorSource,
  ) {
    const shared = "of" in source ? source.of : changedBy(source);
    this.base = shared?.base ?? this;
    this.offset = (shared?.offset ?? 0) + (source.kind === "view" ? source.from : 0);
  }

  /** The same values under another shape of the same size. */
  reshape(...shape: number[]): Tensor {
    if (sizeOf(shape) !== sizeOf(this.shape))
      throw new ShapeError(
        `reshape: (${this.shape.join(", ")}) holds ${sizeOf(this.shape)} values, not (${shape.join(", ")})`,
      );
    return new Tensor(shape, this.dtype, { kind: "view", of: this, from: 0 });
  }

  /**
   * Rows [from, to) of the outermost dimension, in the same memory. Their values must begin at a multiple of
   * `viewAlignment`: others can only be copied, as `slice` does.
   */
  rows(from: number, to: number): Tensor {
    const [rows, ...rest] = this.shape;
    if (from < 0 || from >= to || to > rows)
      throw new ShapeError(`rows: asked for rows ${from} to ${to} of a tensor of ${rows}`);
    const start = from * sizeOf(rest);
    if ((this.offset + start) % viewAlignment)
      throw new ShapeError(
        `rows: values from ${this.offset + start} on are no view, which begins at a multiple of ${viewAlignment}`,
      );
    return new Tensor([to - from, ...rest], this.dtype, { kind: "view", of: this, from: start });
  }
}

/** Values at whose multiples views begin: GPUs bind buffers from multiples of 256 bytes on, and none asks for more. */
export const viewAlignment = 64;

/** The tensor whose buffer an output is, where the call writes it in place. */
const changedBy = (source: TensorSource): Tensor | undefined =>
  source.kind === "call" && source.index === 0 && source.call.op.inPlace ? source.call.inputs[0] : undefined;

export const sizeOf = (shape: Shape): number => shape.reduce((size, n) => size * n, 1);

/** A buffer that lives on the device between runs. The host and plans may both write it. */
export const state = (name: string, shape: Shape, dtype: "f32" | "i32" = "f32"): Tensor =>
  new Tensor(shape, dtype, { kind: "state", name });

/** Values computed once, on the host, at load. Those of one name are the same. */
export const constant = (name: string, shape: Shape, values: () => Float32Array): Tensor =>
  new Tensor(shape, "f32", { kind: "constant", name, values });

/** Row numbers that are all 0 (size, i32). */
export const zeros = (size: number): Tensor =>
  new Tensor([size], "i32", { kind: "constant", name: `zeros.${size}`, values: () => new Int32Array(size) });

/** from, from + 1, from + 2 … */
export const range = (from: number, size: number): Tensor =>
  new Tensor([size], "i32", {
    kind: "constant",
    name: `range.${from}.${size}`,
    values: () => Int32Array.from({ length: size }, (_, i) => from + i),
  });

/** The same value everywhere. */
export const filled = (value: number, shape: Shape): Tensor =>
  constant(`filled.${value}.${shape.join(".")}`, shape, () => new Float32Array(sizeOf(shape)).fill(value));

/**
 * Activation checkpointing (arXiv:1604.06174): what `trace` computes, for less memory and more time. A reverse pass calls
 * `trace` again instead of keeping what lies between its inputs and its outputs.
 */
export function checkpointed(trace: () => readonly Tensor[]): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const segment: Segment = { outputs, retrace: trace };
  for (const of of trace()) outputs.push(new Tensor(of.shape, of.dtype, { kind: "checkpointed", of, segment }));
  return outputs;
}
