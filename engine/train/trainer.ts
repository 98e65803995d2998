// A training step as one plan: forward, backward, clipping and AdamW (arXiv:1711.05101) for several passes, replayed.
// What changes from step to step lies in states; the loss is all that is read back.

import { Interrupted, type Namespace, type Prepared } from "../device/device";
import { gradients } from "../graph/autograd";
import { plan } from "../graph/plan";
import { filled, sizeOf, state, type Tensor } from "../graph/tensor";
import { adamw, add, addSquares } from "../ops";
import type { Loss, LossInput } from "./loss";
import type { Parameter } from "./parameter";

/** A loss's inputs in one pass. */
export type Values<Name extends string = string> = Readonly<Record<Name, Float32Array | Int32Array>>;

export interface Rate {
  /** Learning rate. */
  rate: number;
  /** Counted from 1. */
  step: number;
}

export interface TrainerOptions<Name extends string, Measured extends string> {
  /** What a step minimises: the sum of this loss over its passes. */
  loss: Loss<Name>;
  /** What `evaluate` computes. */
  evaluation: Loss<Measured>;
  /** Passes of a step; their gradients are added up, and the memory is that of one. */
  passes: number;
  weightDecay: number;
  /** The largest norm of all gradients together. */
  clip: number;
  /** Bytes that a step may take beside the weights. Where it would take more, activations are checkpointed (see Pass). */
  memory: number;
  /**
   * Awaited between the parts of the preparation, and whenever something else has interrupted a run, which then goes on.
   * Where it throws, either is given up for good.
   */
  pause(): Promise<void>;
}

export interface Trainer<Name extends string = string, Measured extends string = string> {
  /** Takes a step and returns its loss. Throws RangeError unless there is a value for each pass and input, of its size. */
  step(passes: readonly Values<Name>[], rate: Rate): Promise<number>;
  /** The evaluation's loss of one pass, with the parameters as they are now. */
  evaluate(pass: Values<Measured>): Promise<number>;
  /** A parameter's values and AdamW's two moments, (3, …). */
  read(parameter: Parameter): Promise<Float32Array>;
  /** Sets a parameter's values, and the moments to those that follow them, or to zero. */
  write(parameter: Parameter, values: Float32Array): void;
  dispose(): void;
}

const moments = { beta1: 0.9, beta2: 0.999, eps: 1e-8 };

/** In a namespace of its own. Throws the device's error, or that of `pause`, and then holds on to nothing. */
export async function createTrainer<Name extends string, Measured extends string>(
  outer: Namespace,
  parameters: readonly Parameter[],
  options: TrainerOptions<Name, Measured>,
): Promise<Trainer<Name, Measured>> {
  const { loss, evaluation, weightDecay, clip, memory, pause } = options;
  const passes = Array.from({ length: options.passes }, (_, i) => `train.pass${i}`);
  const evaluated = "train.evaluation";
  const schedule = state("train.schedule", [8]);
  const device = outer.namespace();
  const { evaluate, step } = await prepare().catch((error) => {
    device.dispose();
    throw error;
  });

  async function prepare() {
    await pause();
    const measured = plan({ loss: evaluation.trace(inputsOf(evaluation, evaluated), false) });
    await pause();
    const evaluate = await device.prepare(measured, { resumable: true });
    const whole = await plannedStep(false);
    const fits = whole.slots.reduce((sum, bytes) => sum + bytes, 0) <= memory;
    const step = await device.prepare(fits ? whole : await plannedStep(true), { resumable: true });
    await pause();
    return { evaluate, step };
  }

  async function plannedStep(checkpointing: boolean) {
    const outputs = await tracedStep(checkpointing);
    await pause();
    const planned = plan(outputs);
    await pause();
    return planned;
  }

  async function tracedStep(checkpointing: boolean): Promise<Record<string, Tensor>> {
    const values = parameters.map((parameter) => parameter.values);
    const losses: Tensor[] = [];
    let sums: Tensor[] = [];
    for (const pass of passes) {
      await pause();
      const passLoss = loss.trace(inputsOf(loss, pass), checkpointing);
      await pause();
      const gs = gradients(passLoss, values); // at once, so that only one pass's activations are kept
      sums = sums.length ? sums.map((sum, i) => add(sum, gs[i])) : gs;
      losses.push(passLoss);
    }
    const squares = sums.reduce(addSquares, filled(0, [1]));
    const updates = parameters.map(({ name, all }, i) => [name, adamw(all, sums[i], squares, schedule)]);
    return { loss: losses.reduce(add), ...Object.fromEntries(updates) };
  }

  /**
   * The last `updates` calls change parameters: once they may have begun, the run is taken to its end even where `pause`
   * throws, so that no step is half taken.
   */
  async function run(prepared: Prepared<string>, updates: number): Promise<number> {
    for (;;)
      try {
        await prepared.run();
        return (await prepared.read("loss"))[0];
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        const { left } = error;
        await pause().catch((reason) => {
          if (left > 2 * updates) throw reason; // a phase of the device may hold a few calls more
        });
      }
  }

  function write({ inputs }: Loss, pass: string, values: Partial<Values>) {
    for (const [name, { shape }] of Object.entries(inputs)) {
      const given = values[name];
      if (given?.length !== sizeOf(shape))
        throw new RangeError(`A pass has ${sizeOf(shape)} ${name}; got ${given?.length ?? "none"}`);
      device.write(`${pass}.${name}`, given);
    }
  }

  return {
    async step(all, { rate, step: number }) {
      if (all.length !== passes.length) throw new RangeError(`A step has ${passes.length} passes; got ${all.length}`);
      for (const [i, values] of all.entries()) write(loss, passes[i], values);
      const { beta1, beta2, eps } = moments;
      const corrections = [1 - beta1 ** number, 1 - beta2 ** number];
      device.write("train.schedule", Float32Array.of(rate, beta1, beta2, eps, weightDecay, clip, ...corrections));
      return run(step, parameters.length);
    },
    async evaluate(values) {
      write(evaluation, evaluated, values);
      return run(evaluate, 0);
    },
    read: async ({ name, shape }) => (await device.readState(`train.${name}`, 0, 3 * sizeOf(shape))) as Float32Array,
    write({ name, shape }, values) {
      const all = new Float32Array(3 * sizeOf(shape));
      all.set(values);
      device.write(`train.${name}`, all);
    },
    dispose: device.dispose,
  };
}

/** A state for each of the loss's inputs. */
function inputsOf<Name extends string>({ inputs }: Loss<Name>, pass: string): Record<Name, Tensor> {
  const named = Object.entries<LossInput>(inputs);
  return Object.fromEntries(
    named.map(([name, { shape, dtype }]) => [name, state(`${pass}.${name}`, shape, dtype)]),
  ) as Record<Name, Tensor>;
}
