// The reverse pass: a trace becomes a longer trace, which also computes gradients. Each op says in ops what its own are.

import { add } from "../ops/elementwise";
import type { Traced } from "../ops/op";
import { padColumns } from "../ops/padColumns";
import { insert } from "./sorted";
import { filled, type Segment, sizeOf, type Tensor } from "./tensor";

/** The gradients of the sum of `loss`'s values with respect to `parameters`, each of its parameter's shape. */
export function gradients(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  const leadsOn = dependsOn(parameters);
  const found = new Map<Tensor, Tensor>();
  /** Tensors whose gradient has been found in part, to be passed on once it is whole: the newest, which is last, first. */
  const open: Tensor[] = [];
  function give(tensor: Tensor, g: Tensor | undefined) {
    if (!g || !leadsOn(tensor)) return;
    const before = found.get(tensor);
    found.set(tensor, before ? add(before, g) : g);
    if (!before) insert(open, tensor, ({ id }) => id);
  }

  give(loss, filled(1, loss.shape));
  const ends = new Set(parameters);
  const retraced = new Set<Segment>();
  const passed = new Set<Traced>();
  for (let tensor = open.pop(); tensor; tensor = open.pop()) if (!ends.has(tensor)) passOn(tensor);
  return parameters.map((parameter) => {
    const g = found.get(parameter);
    if (!g) throw new Error(`The loss does not depend on ${nameOf(parameter)}`);
    return g;
  });

  /** Gives what a tensor was computed from its part of the gradient. */
  function passOn(tensor: Tensor) {
    const { source } = tensor;
    if (source.kind === "checkpointed") retrace(source.segment);
    else if (source.kind === "view") give(source.of, gradientOfViewed(source.of, source.from, found.get(tensor)!));
    else if (source.kind === "call") passThrough(source.call);
  }

  /** Goes through a call once. When its newest output's gradient is whole, those of the others are. */
  function passThrough(call: Traced) {
    if (passed.has(call)) return;
    passed.add(call);
    const { op, inputs, outputs } = call;
    if (!op.gradient) throw new Error(`${op.name} has no gradient`);
    const gs = outputs.map((output) => (ends.has(output) ? undefined : found.get(output)));
    for (const [i, g] of op.gradient(call, gs as Tensor[]).entries()) give(inputs[i], g);
  }

  /** Traces a segment once. When its newest output's gradient is whole, those of the others are: they do not depend on it. */
  function retrace(segment: Segment) {
    if (retraced.has(segment)) return;
    retraced.add(segment);
    for (const [i, output] of segment.retrace().entries()) give(output, found.get(segment.outputs[i]));
  }
}

/** The gradient of what a view shows a part of: zeros where it shows nothing. */
function gradientOfViewed(of: Tensor, from: number, g: Tensor): Tensor {
  const [width, count] = [sizeOf(of.shape), sizeOf(g.shape)];
  const whole = width === count ? g : padColumns(g.reshape(1, count), { from, width });
  return whole.reshape(...of.shape);
}

/** Whether a tensor was computed from one of `parameters`, or is one. */
function dependsOn(parameters: readonly Tensor[]) {
  const known = new Map<Tensor, boolean>(parameters.map((parameter) => [parameter, true]));
  return function depends(tensor: Tensor): boolean {
    const open = [tensor]; // a list, since traces are deeper than calls may be
    for (let last = open.at(-1); last; last = open.at(-1)) {
      const inputs = inputsOf(last);
      const unknown = known.has(last) ? [] : inputs.filter((input) => !known.has(input));
      open.push(...unknown);
      if (unknown.length) continue;
      open.pop();
      if (!known.has(last))
        known.set(
          last,
          inputs.some((input) => known.get(input)),
        );
    }
    return known.get(tensor)!;
  };
}

const inputsOf = ({ source }: Tensor): readonly Tensor[] =>
  source.kind === "call" ? source.call.inputs : "of" in source ? [source.of] : [];

const nameOf = ({ source, shape }: Tensor) => ("name" in source ? source.name : `a tensor (${shape.join(", ")})`);
