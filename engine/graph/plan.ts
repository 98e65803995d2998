// Makes a plan of a trace: the calls that the requested outputs depend on, in order, and buffers for their values, which
// are reused after their last use. A plan is made once and replayed; what changes from run to run is in states.

import type { Attrs, Op, Params, Traced } from "../ops/op";
import { insert, partitionPoint } from "./sorted";
import { blocks, storedBytes } from "./storage";
import { type DType, type Shape, sizeOf, type Tensor } from "./tensor";

/** Where values are: in one of the plan's slots, or in a named buffer that outlives a run. */
export type Place = { kind: "slot"; slot: number } | { kind: "weight" | "constant" | "state"; name: string };

export interface Operand {
  place: Place;
  /** The index of its first value there, a multiple of `viewAlignment`. */
  offset: number;
  shape: Shape;
  dtype: DType;
}

export interface Step {
  op: Op;
  attrs: Attrs;
  params: Params;
  inputs: readonly Operand[];
  outputs: readonly Operand[];
}

export interface Plan<Output extends string = string> {
  steps: readonly Step[];
  /** Bytes of each slot. */
  slots: readonly number[];
  /** Every weight, constant and state that the plan uses, once each, at its full size. */
  namedTensors: readonly Tensor[];
  outputs: Readonly<Record<Output, Operand>>;
}

/** Plans the computation of `outputs`, which can be read after each run until the next one. */
export function plan<Output extends string>(outputs: Readonly<Record<Output, Tensor>>): Plan<Output> {
  const calls = callsBefore(Object.values<Tensor>(outputs));
  const places = placeSlots(calls, Object.values<Tensor>(outputs));
  const operand = (tensor: Tensor): Operand => {
    const { base } = tensor;
    const place =
      base.source.kind === "call"
        ? { kind: "slot" as const, slot: places.slotOf.get(base)! }
        : { kind: base.source.kind as "weight", name: (base.source as { name: string }).name };
    return { place, offset: tensor.offset, shape: tensor.shape, dtype: tensor.dtype };
  };
  const steps = calls.map(({ op, attrs, inputs, outputs }): Step => {
    const shapes = inputs.map((input) => input.shape);
    const params = op.params(shapes, attrs);
    return { op, attrs, params, inputs: inputs.map(operand), outputs: outputs.map(operand) };
  });
  const named = Object.entries<Tensor>(outputs).map(([name, tensor]) => [name, operand(tensor)]);
  return { steps, slots: places.slots, namedTensors: namedTensors(calls, outputs), outputs: Object.fromEntries(named) };
}

/** The calls that `outputs` depend on, in the order in which they were traced. */
function callsBefore(outputs: readonly Tensor[]): Traced[] {
  const found = new Set<Traced>();
  const open = [...outputs];
  for (let tensor = open.pop(); tensor; tensor = open.pop()) {
    const { source } = tensor;
    if ("of" in source) open.push(source.of);
    if (source.kind !== "call" || found.has(source.call)) continue;
    found.add(source.call);
    open.push(...source.call.inputs);
  }
  return [...found].sort((a, b) => a.outputs[0].id - b.outputs[0].id);
}

/**
 * Assigns a slot to each output of a call: the smallest free one that is large enough, if at least half of it is used,
 * else a new one. A small value that lives long would otherwise keep a large slot from others.
 */
function placeSlots(calls: readonly Traced[], outputs: readonly Tensor[]) {
  const lastUse = new Map<Tensor, number>();
  for (const [i, call] of calls.entries())
    for (const { base } of [...call.outputs, ...call.inputs]) lastUse.set(base, i);
  for (const { base } of outputs) lastUse.set(base, calls.length);

  const slots: number[] = [];
  const slotOf = new Map<Tensor, number>();
  /** Free slots, smallest first. */
  const free: number[] = [];
  for (const [i, call] of calls.entries()) {
    for (const tensor of call.outputs) {
      if (tensor.base !== tensor) continue;
      const bytes = bytesOf(tensor);
      const fits = partitionPoint(free, (slot) => slots[slot] < bytes);
      const wasteful = slots[free[fits]] > 2 * bytes;
      const [slot = slots.push(bytes) - 1] = wasteful ? [] : free.splice(fits, 1);
      slotOf.set(tensor, slot);
    }
    for (const used of new Set([...call.outputs, ...call.inputs].map(({ base }) => base)))
      if (slotOf.has(used) && lastUse.get(used) === i) insert(free, slotOf.get(used)!, (slot) => slots[slot]);
  }
  return { slots, slotOf };
}

function namedTensors(calls: readonly Traced[], outputs: Readonly<Record<string, Tensor>>): Tensor[] {
  const byName = new Map<string, Tensor>();
  const used = [...calls.flatMap(({ inputs }) => inputs), ...Object.values(outputs)];
  for (const { base } of used) if ("name" in base.source) byName.set(`${base.source.kind} ${base.source.name}`, base);
  return [...byName.values()];
}

/** The size of a tensor in bytes: 4 a value for f32 and i32, whole blocks for the other storage types. */
export function bytesOf({ shape, dtype }: { shape: Shape; dtype: DType }): number {
  return dtype === "i32"
    ? sizeOf(shape) * 4
    : storedBytes(dtype, Math.ceil(sizeOf(shape) / blocks[dtype].values) * blocks[dtype].values);
}
