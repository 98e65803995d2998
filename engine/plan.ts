// Trace → plan: the calls that lead to the asked-for outputs, in order, over buffers that are reused once their last
// reader has run. A plan is made once and replayed; what changes from run to run lives in states.

import type { Attrs, Op, Params } from "./ops/op";
import { blocks, storedBytes } from "./storage";
import { type DType, type Shape, sizeOf, type Tensor } from "./tensor";

/** Where values lie: in one of the plan's own slots, or in a buffer that outlives it. */
export type Place = { kind: "slot"; slot: number } | { kind: "weight" | "constant" | "state"; name: string };

export interface Operand {
  place: Place;
  shape: Shape;
  dtype: DType;
}

export interface Step {
  op: Op;
  attrs: Attrs;
  params: Params;
  inputs: readonly Operand[];
  output: Operand;
}

export interface Plan<Output extends string = string> {
  steps: readonly Step[];
  /** Bytes of each slot. */
  slots: readonly number[];
  /** Every weight, constant and state that a step touches, once each, at its full size. */
  residents: readonly Tensor[];
  outputs: Readonly<Record<Output, Operand>>;
}

/** Plans the calls that `outputs` need. Outputs are readable after each run, until the next one. */
export function plan<Output extends string>(outputs: Readonly<Record<Output, Tensor>>): Plan<Output> {
  const calls = callsBefore(Object.values<Tensor>(outputs));
  const places = placeSlots(calls, Object.values<Tensor>(outputs));
  const operand = (tensor: Tensor): Operand => {
    const base = storage(tensor);
    const place =
      base.source.kind === "call"
        ? { kind: "slot" as const, slot: places.slotOf.get(base)! }
        : { kind: base.source.kind as "weight", name: (base.source as { name: string }).name };
    return { place, shape: tensor.shape, dtype: tensor.dtype };
  };
  const steps = calls.map(({ call, tensor }): Step => {
    const { op, attrs } = call;
    const shapes = call.inputs.map((input) => input.shape);
    return { op, attrs, params: op.params(shapes, attrs), inputs: call.inputs.map(operand), output: operand(tensor) };
  });
  const named = Object.entries<Tensor>(outputs).map(([name, tensor]) => [name, operand(tensor)]);
  return { steps, slots: places.slots, residents: residents(calls, outputs), outputs: Object.fromEntries(named) };
}

interface TracedCall {
  tensor: Tensor;
  call: Extract<Tensor["source"], { kind: "call" }>;
}

/** The calls that lead to `outputs`, in the order in which the model made them. */
function callsBefore(outputs: readonly Tensor[]): TracedCall[] {
  const found = new Map<Tensor, TracedCall>();
  const open = [...outputs];
  for (let tensor = open.pop(); tensor; tensor = open.pop()) {
    const { source } = tensor;
    if ("of" in source) open.push(source.of);
    if (source.kind !== "call" || found.has(tensor)) continue;
    found.set(tensor, { tensor, call: source });
    open.push(...source.inputs);
  }
  return [...found.values()].sort((a, b) => a.tensor.id - b.tensor.id);
}

/** The tensor whose buffer this one shares: what a view shows, what an in-place call changes. */
function storage(tensor: Tensor): Tensor {
  const { source } = tensor;
  if ("of" in source) return storage(source.of);
  if (source.kind === "call" && source.op.inPlace) return storage(source.inputs[0]);
  return tensor;
}

/** Gives each call's output the smallest free slot that fits, else the largest free one, grown, else a new one. */
function placeSlots(calls: readonly TracedCall[], outputs: readonly Tensor[]) {
  const lastUse = new Map<Tensor, number>();
  for (const [i, { tensor, call }] of calls.entries())
    for (const used of [tensor, ...call.inputs]) lastUse.set(storage(used), i);
  for (const tensor of outputs) lastUse.set(storage(tensor), calls.length);

  const slots: number[] = [];
  const slotOf = new Map<Tensor, number>();
  const free: number[] = [];
  for (const [i, { tensor, call }] of calls.entries()) {
    if (storage(tensor) === tensor) {
      const bytes = bytesOf(tensor);
      free.sort((a, b) => slots[a] - slots[b]);
      const fits = free.findIndex((slot) => slots[slot] >= bytes);
      const [slot = slots.length] = free.splice(fits, 1); // −1, where none fits, takes the largest
      slots[slot] = Math.max(slots[slot] ?? 0, bytes);
      slotOf.set(tensor, slot);
    }
    for (const used of new Set([tensor, ...call.inputs].map(storage)))
      if (slotOf.has(used) && lastUse.get(used) === i) free.push(slotOf.get(used)!);
  }
  return { slots, slotOf };
}

function residents(calls: readonly TracedCall[], outputs: Readonly<Record<string, Tensor>>): Tensor[] {
  const byName = new Map<string, Tensor>();
  const used = [...calls.flatMap(({ call }) => call.inputs), ...Object.values(outputs)];
  for (const tensor of used.map(storage)) if ("name" in tensor.source) byName.set(tensor.source.name, tensor);
  return [...byName.values()];
}

/** Bytes of a tensor's plain values: 4 each for what kernels compute, blocks for a stored weight. */
export function bytesOf({ shape, dtype }: { shape: Shape; dtype: DType }): number {
  return dtype === "i32"
    ? sizeOf(shape) * 4
    : storedBytes(dtype, Math.ceil(sizeOf(shape) / blocks[dtype].values) * blocks[dtype].values);
}
