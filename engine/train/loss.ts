// What training minimises. A loss is a parameter of the trainer: it names the inputs that it reads in each pass, and
// traces itself from them.

import { checkpointed, range, type Shape, type Tensor } from "../graph/tensor";
import type { Model } from "../models/model";
import { type Pass, packed } from "../nn";
import { add, crossEntropy, gather, sumRows } from "../ops";
import type { Sequence } from "./pack";

export interface Loss<Name extends string = string> {
  /** What the host writes before each pass. */
  readonly inputs: Readonly<Record<Name, LossInput>>;
  /** The loss (1) of one pass. For `checkpointing` see Pass. */
  trace(inputs: Readonly<Record<Name, Tensor>>, checkpointing: boolean): Tensor;
}

export interface LossInput {
  shape: Shape;
  dtype: "f32" | "i32";
}

export type SequenceTensors = Readonly<Record<keyof Sequence, Tensor>>;

/** Σ weight · −log p(target | the tokens before it) over a sequence of n tokens, in nats. */
export const crossEntropyLoss = (model: Model, n: number): Loss<keyof Sequence> => ({
  inputs: sequenceInputs(n),
  trace: (sequence, checkpointing) => negativeLogLikelihood(model, sequence, sequencePass(sequence, checkpointing)),
});

/** The inputs of a loss that reads a sequence of n tokens. */
export function sequenceInputs(n: number): Readonly<Record<keyof Sequence, LossInput>> {
  const i32: LossInput = { shape: [n], dtype: "i32" };
  return { tokens: i32, targets: i32, positions: i32, starts: i32, weights: { shape: [n], dtype: "f32" } };
}

/** A pass over a sequence, in which a token sees what precedes it in its own text. */
export const sequencePass = ({ positions, starts }: SequenceTensors, checkpointing: boolean): Pass => ({
  positions,
  cache: packed(starts),
  checkpointing,
});

/** Logits are computed for so many tokens at a time: for all at once they would take more memory than all else. */
const rowsAtOnce = 128;

/** Σ weight · −log p(target): (1). */
export function negativeLogLikelihood(model: Model, sequence: SequenceTensors, pass: Pass): Tensor {
  const { tokens, targets, weights } = sequence;
  const [n] = tokens.shape;
  const x = model.forward(tokens, pass);
  const sums: Tensor[] = [];
  for (let from = 0; from < n; from += rowsAtOnce) {
    const rows = range(from, Math.min(rowsAtOnce, n - from));
    const those = (column: Tensor) => gather(column.reshape(n, 1), rows).reshape(...rows.shape);
    const [sum] = checkpointed(() => {
      const losses = crossEntropy(model.logits(gather(x, rows)), those(targets), those(weights));
      return [sumRows(losses.reshape(losses.shape[0], 1))];
    });
    sums.push(sum);
  }
  return sums.reduce(add);
}
