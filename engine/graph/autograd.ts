// Reverse-mode automatic differentiation. It extends a trace with the ops that compute gradients; each op's `gradient`
// traces its own.

import { add } from "../ops/elementwise";
import type { Traced } from "../ops/op";
import { padColumns } from "../ops/padColumns";
import { insert } from "./sorted";
import { filled, type Segment, sizeOf, type Tensor } from "./tensor";

/**
 * The gradients of the sum of `loss`'s values with respect to `parameters`, each of its parameter's shape. Throws an
 * Error where the loss does not depend on a parameter, or depends on one through an op that has no gradient.
 */
export function gradients(loss: Tensor, parameters: readonly Tensor[]): Tensor[] {
  const needsGradient = dependsOn(parameters);
  const found = new Map<Tensor, Tensor>();
  /**
   * Tensors whose gradient may not be complete yet, oldest first. That of the newest is complete, since only newer
   * tensors add to a gradient; so the newest is propagated first.
   */
  const open: Tensor[] = [];
  function accumulate(tensor: Tensor, g: Tensor | undefined) {
    if (!g || !needsGradient(tensor)) return;
    const before = found.get(tensor);
    found.set(tensor, before ? add(before, g) : g);
    if (!before) insert(open, tensor, ({ id }) => id);
  }

  accumulate(loss, filled(1, loss.shape));
  const ends = new Set(parameters);
  const retraced = new Set<Segment>();
  const differentiated = new Set<Traced>();
  for (let tensor = open.pop(); tensor; tensor = open.pop()) if (!ends.has(tensor)) propagate(tensor);
  return parameters.map((parameter) => {
    const g = found.get(parameter);
    if (!g) throw new Error(`The loss does not depend on ${nameOf(parameter)}`);
    return g;
  });

  /** Adds to the gradients of what a tensor was computed from. */
  function propagate(tensor: Tensor) {
    const { source } = tensor;
    if (source.kind === "checkpointed") retrace(source.segment);
    else if (source.kind === "view")
      accumulate(source.of, gradientOfViewed(source.of, source.from, found.get(tensor)!));
    else if (source.kind === "call") differentiate(source.call);
  }

  /** Differentiates a call, once. When the gradient of its newest output is complete, so are those of the others. */
  function differentiate(call: Traced) {
    if (differentiated.has(call)) return;
    differentiated.add(call);
    const { op, inputs, outputs } = call;
    if (!op.gradient) throw new Error(`${op.name} has no gradient`);
    const gs = outputs.map((output) => (ends.has(output) ? undefined : found.get(output)));
    for (const [i, g] of op.gradient(call, gs as Tensor[]).entries()) accumulate(inputs[i], g);
  }

  /**
   * Traces a checkpointed segment again, once. When its newest output's gradient is complete, so are those of the others.
   */
  function retrace(segment: Segment) {
    if (retraced.has(segment)) return;
    retraced.add(segment);
    for (const [i, output] of segment.retrace().entries()) accumulate(output, found.get(segment.outputs[i]));
  }
}

/** The gradient of a view's tensor, given that of the view: zeros outside of the view. */
function gradientOfViewed(of: Tensor, from: number, g: Tensor): Tensor {
  const [width, count] = [sizeOf(of.shape), sizeOf(g.shape)];
  const whole = width === count ? g : padColumns(g.reshape(1, count), { from, width });
  return whole.reshape(...of.shape);
}

/** A function that tells whether a tensor is one of `parameters` or was computed from one. */
function dependsOn(parameters: readonly Tensor[]) {
  const known = new Map<Tensor, boolean>(parameters.map((parameter) => [parameter, true]));
  return function depends(tensor: Tensor): boolean {
    const open = [tensor]; // a stack of our own: recursion would overflow on the trace of a deep model
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
