// A training step as one plan: forward, backward, clipping and AdamW (arXiv:1711.05101) for several passes of tokens,
// replayed. What changes from step to step lies in states; the loss is all that is read back.

import { type Device, Interrupted, type Prepared } from "../device/device";
import { gradients } from "../graph/autograd";
import { plan } from "../graph/plan";
import { filled, recomputed, sizeOf, state, type Tensor } from "../graph/tensor";
import type { Around, Model } from "../models/model";
import { adamw, add, addSquares } from "../ops";
import { type Balance, balanceLoss } from "./balance";
import { loss } from "./loss";
import type { Parameter } from "./parameter";

/** The rows of one pass. */
export interface Rows {
  tokens: Int32Array;
  positions: Int32Array;
  starts: Int32Array;
  /** −1 where there is none to learn. */
  targets: Int32Array;
  /** Of each token in the step's loss. */
  weights: Float32Array;
  /** Where the training is balanced: see balance.ts. */
  members?: Float32Array;
  leanings?: Float32Array;
}

export interface Rate {
  /** Learning rate. */
  rate: number;
  /** Counted from 1. */
  step: number;
}

export interface TrainerOptions {
  /** Tokens of a pass. */
  rows: number;
  /** Passes of a step; their gradients are added up, and the memory is that of one. */
  passes: number;
  weightDecay: number;
  /** The largest norm of all gradients together. */
  clip: number;
  /**
   * Bytes that a step may take beside the weights. Where it would take more, each block's activations are computed again
   * in the reverse pass: about a quarter slower, for a tenth of the memory.
   */
  room: number;
  balance?: Balance;
  /** Awaited whenever something else has interrupted a step. */
  yield(): Promise<void>;
}

export interface Trainer {
  /** One step on as many passes as there are; returns the loss. */
  step(passes: readonly Rows[], rate: Rate): Promise<number>;
  /** The loss of one pass as the parameters are now. */
  evaluate(pass: Rows): Promise<number>;
  /** A parameter's values and AdamW's two moments, (3, …). */
  read(parameter: Parameter): Promise<Float32Array>;
  /** Sets the values, and the moments to those that follow them, or to zero. */
  write(parameter: Parameter, values: Float32Array): void;
  dispose(): void;
}

const moments = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

export async function createTrainer(
  device: Device,
  model: Model,
  parameters: readonly Parameter[],
  { rows, passes: passCount, weightDecay, clip, room, balance, ...options }: TrainerOptions,
): Promise<Trainer> {
  const passes = Array.from({ length: passCount }, (_, i) => passStates(`train.pass${i}`, rows, balance));
  const schedule = state("train.schedule", [8]);
  const evaluation = await device.prepare(plan({ loss: loss(model, passes[0]) }), { resumable: true });
  const whole = plan(tracedStep());
  const fits = whole.slots.reduce((sum, bytes) => sum + bytes, 0) <= room;
  const step = await device.prepare(fits ? whole : plan(tracedStep(recomputed)), { resumable: true });

  function tracedStep(around?: Around): Record<string, Tensor> {
    const values = parameters.map((parameter) => parameter.values);
    const losses: Tensor[] = [];
    let sums: Tensor[] = [];
    for (const pass of passes) {
      const passLoss = lossOf(pass, around);
      const gs = gradients(passLoss, values); // at once, so that only one pass's activations are kept
      sums = sums.length ? sums.map((sum, i) => add(sum, gs[i])) : gs;
      losses.push(passLoss);
    }
    const squares = sums.reduce(addSquares, filled(0, [1]));
    const updates = parameters.map(({ name, all }, i) => [name, adamw(all, sums[i], squares, schedule)]);
    return { loss: losses.reduce(add), ...Object.fromEntries(updates) };
  }

  function lossOf(pass: PassStates, around?: Around): Tensor {
    balance?.shares.splice(0); // what a reverse pass has traced again
    const told = loss(model, pass, around);
    return balance ? add(told, balanceLoss(balance, pass.members!, pass.leanings!)) : told;
  }

  async function run(prepared: Prepared<string>): Promise<number> {
    for (;;)
      try {
        await prepared.run();
        return (await prepared.read("loss"))[0];
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        await options.yield();
      }
  }

  function feed(pass: PassStates, rows: Rows, names = Object.keys(pass) as (keyof PassStates)[]) {
    for (const name of names) {
      const [tensor, values] = [pass[name]!, rows[name]];
      if (values?.length !== sizeOf(tensor.shape))
        throw new RangeError(`A pass has ${sizeOf(tensor.shape)} ${name}; got ${values?.length ?? "none"}`);
      if (tensor.source.kind === "state") device.write(tensor.source.name, values);
    }
  }

  return {
    async step(all, { rate, step: number }) {
      for (const [i, rows] of all.entries()) feed(passes[i], rows);
      const { beta1, beta2, eps } = moments;
      const corrections = [1 - beta1 ** number, 1 - beta2 ** number];
      device.write("train.schedule", Float32Array.of(rate, beta1, beta2, eps, weightDecay, clip, ...corrections));
      return run(step);
    },
    async evaluate(rows) {
      feed(passes[0], rows, ["tokens", "positions", "starts", "targets", "weights"]);
      return run(evaluation);
    },
    read: async ({ name, shape }) => (await device.readState(`train.${name}`, 0, 3 * sizeOf(shape))) as Float32Array,
    write({ name, shape }, values) {
      const all = new Float32Array(3 * sizeOf(shape));
      all.set(values);
      device.write(`train.${name}`, all);
    },
    dispose() {
      evaluation.dispose();
      step.dispose();
    },
  };
}

type PassStates = { [name in keyof Rows]: Tensor };

function passStates(name: string, rows: number, balance?: Balance): PassStates {
  const column = (what: string, dtype?: "i32") => state(`${name}.${what}`, [rows], dtype);
  return {
    tokens: column("tokens", "i32"),
    positions: column("positions", "i32"),
    starts: column("starts", "i32"),
    targets: column("targets", "i32"),
    weights: column("weights"),
    ...(balance && {
      members: state(`${name}.members`, [rows, balance.texts]),
      leanings: state(`${name}.leanings`, [balance.texts, balance.experts]),
    }),
  };
}
