// A tensor of a trace: a shape, a type and a source. It holds no values. Models and gradients are functions of tensors;
// plan.ts makes a plan of the graph that they trace.

import type { Traced } from "../ops/op";
import type { StorageType } from "./storage";

/** Sizes, outermost dimension first: (rows, columns). */
export type Shape = readonly number[];

/** Computed values are f32 or i32, a state's also f16. A weight may have any of GGUF's types. */
export type DType = "i32" | StorageType;

/** Where a tensor's values come from. */
export type TensorSource =
  /** A tensor of the checkpoint, which is read-only on the device. */
  | { kind: "weight"; name: string }
  /** Values that the host computes once, when the model is loaded, such as RoPE's cosines and sines. */
  | { kind: "constant"; name: string; values: () => Float32Array | Int32Array }
  /** A buffer that keeps its values between runs, such as the KV cache. It is zero at first. */
  | { kind: "state"; name: string }
  /** One of the outputs of a call. */
  | { kind: "call"; call: Traced; index: number }
  /** The values of `of` from row-major index `from` on, under another shape. */
  | { kind: "view"; of: Tensor; from: number }
  /**
   * The values of `of`. The reverse pass computes the segment again, so that its intermediate values need not be kept.
   */
  | { kind: "checkpointed"; of: Tensor; segment: Segment };

/** A part of a trace that the reverse pass traces again (activation checkpointing). */
export interface Segment {
  outputs: readonly Tensor[];
  /** The same outputs, traced again. */
  retrace(): readonly Tensor[];
}

/** Tensors of these shapes cannot be combined so. A mistake in the code, not the user's. */
export class ShapeError extends Error {
  override name = "ShapeError";
}

let created = 0;

export class Tensor {
  /** Counts tensors as they are created: calls run in the order of their outputs' ids. */
  readonly id = created++;
  /** The tensor whose buffer this one shares, where it is a view or the output of an in-place call; else itself. */
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

  /** The same values under another shape of the same size. Throws ShapeError where the size differs. */
  reshape(...shape: number[]): Tensor {
    if (sizeOf(shape) !== sizeOf(this.shape))
      throw new ShapeError(
        `reshape: (${this.shape.join(", ")}) holds ${sizeOf(this.shape)} values, not (${shape.join(", ")})`,
      );
    return new Tensor(shape, this.dtype, { kind: "view", of: this, from: 0 });
  }

  /**
   * A view of rows [from, to) of the outermost dimension. Throws ShapeError where there are no such rows, or where their
   * values do not begin at a multiple of `viewAlignment`; `slice` copies those.
   */
  rows(from: number, to: number): Tensor {
    const [rows, ...rest] = this.shape;
    if (from < 0 || from >= to || to > rows)
      throw new ShapeError(`rows: asked for rows ${from} to ${to} of a tensor of ${rows}`);
    const start = from * sizeOf(rest);
    if ((this.offset + start) % viewAlignment)
      throw new ShapeError(
        `rows: a view must begin at a multiple of ${viewAlignment} values, not at ${this.offset + start}`,
      );
    return new Tensor([to - from, ...rest], this.dtype, { kind: "view", of: this, from: start });
  }
}

/** Views begin at a multiple of so many values, 256 bytes: the largest offset alignment that a GPU asks for. */
export const viewAlignment = 64;

/** The tensor that an in-place call changes, where `source` is its first output. */
const changedBy = (source: TensorSource): Tensor | undefined =>
  source.kind === "call" && source.index === 0 && source.call.op.inPlace ? source.call.inputs[0] : undefined;

export const sizeOf = (shape: Shape): number => shape.reduce((size, n) => size * n, 1);

/**
 * A buffer on the device that keeps its values between runs. Both the host and plans may write it. An f16 state, whose
 * innermost dimension must be even, holds values that are rounded to 16 bits; only ops that say so (`Op.f16Inputs`) read
 * one, and only whole.
 */
export const state = (name: string, shape: Shape, dtype: "f32" | "i32" | "f16" = "f32"): Tensor =>
  new Tensor(shape, dtype, { kind: "state", name });

/** Values that the host computes once, at load. Two constants of one name must have the same values. */
export const constant = (name: string, shape: Shape, values: () => Float32Array): Tensor =>
  new Tensor(shape, "f32", { kind: "constant", name, values });

/** Zeros (size, i32). */
export const zeros = (size: number): Tensor =>
  new Tensor([size], "i32", { kind: "constant", name: `zeros.${size}`, values: () => new Int32Array(size) });

/** from, from + 1, from + 2, … (size, i32). */
export const range = (from: number, size: number): Tensor =>
  new Tensor([size], "i32", {
    kind: "constant",
    name: `range.${from}.${size}`,
    values: () => Int32Array.from({ length: size }, (_, i) => from + i),
  });

/** A constant that is `value` everywhere. */
export const filled = (value: number, shape: Shape): Tensor =>
  constant(`filled.${value}.${shape.join(".")}`, shape, () => new Float32Array(sizeOf(shape)).fill(value));

/**
 * Activation checkpointing (arXiv:1604.06174): returns what `trace` returns, but the reverse pass calls `trace` again
 * instead of keeping the intermediate values. That saves memory and takes more time.
 */
export function checkpointed(trace: () => readonly Tensor[]): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const segment: Segment = { outputs, retrace: trace };
  for (const of of trace()) outputs.push(new Tensor(of.shape, of.dtype, { kind: "checkpointed", of, segment }));
  return outputs;
}
