// The trainer with a loss of its own inputs: least squares, which AdamW solves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createDevice } from "../../../engine/device";
import { add, linear, mul, scale, sumRows } from "../../../engine/ops";
import type { Loss } from "../../../engine/train/loss";
import { parameter } from "../../../engine/train/parameter";
import { createTrainer, type Trainer } from "../../../engine/train/trainer";
import { normals } from "../random";

const n = 6;
const weights = parameter("weights", [1, 3]);
const wanted = [0.5, -1, 2];

/** Σ (x · w − y)², of the points x (n, 3) and the values y (n, 1). */
const squares: Loss<"x" | "y"> = {
  inputs: { x: { shape: [n, 3], dtype: "f32" }, y: { shape: [n, 1], dtype: "f32" } },
  trace({ x, y }) {
    const off = add(linear(x, weights.values), scale(y, { by: -1 }));
    return sumRows(mul(off, off));
  },
};

/** w² at all three places: its only input says how much it counts. */
const norm: Loss<"factor"> = {
  inputs: { factor: { shape: [1, 3], dtype: "f32" } },
  trace: ({ factor }) => sumRows(mul(factor, mul(weights.values, weights.values)).reshape(3, 1)),
};

function pass() {
  const x = normals(3 * n);
  const y = Float32Array.from({ length: n }, (_, row) => wanted.reduce((sum, w, i) => sum + w * x[3 * row + i], 0));
  return { x, y };
}

const options = { loss: squares, evaluation: norm, passes: 2, weightDecay: 0, clip: 1e9, memory: Infinity };

async function withTrainer(use: (trainer: Trainer<"x" | "y", "factor">) => Promise<void>) {
  const { device } = await createDevice("cpu", 2);
  try {
    const trainer = await createTrainer(device, [weights], { ...options, pause: async () => {} });
    trainer.write(weights, Float32Array.of(0, 0, 0));
    await use(trainer);
  } finally {
    await device.dispose();
  }
}

test("a step minimises the sum of the loss over its passes, and another loss may measure the parameters", () =>
  withTrainer(async (trainer) => {
    const losses: number[] = [];
    for (let step = 1; step <= 400; step++)
      losses.push(await trainer.step([pass(), pass()], { rate: 0.05 * 0.99 ** step, step }));
    assert.ok(losses[0] > 10 && losses[399] < 1e-3, `${losses[0]}, then ${losses[399]}`);
    const found = (await trainer.read(weights)).subarray(0, 3);
    for (const [i, value] of wanted.entries()) assert.ok(Math.abs(found[i] - value) < 0.01, `${found}`);
    const measured = await trainer.evaluate({ factor: Float32Array.of(1, 1, 0) });
    assert.ok(Math.abs(measured - 1.25) < 0.05, `${measured}`);
  }));

test("an input of another size, or none, is refused by name, and so is another number of passes", () =>
  withTrainer(async (trainer) => {
    const { x, y } = pass();
    const rate = { rate: 0, step: 1 };
    await assert.rejects(trainer.step([pass()], rate), /^RangeError: A step has 2 passes; got 1$/);
    await assert.rejects(
      trainer.step([{ x: x.subarray(1), y }, pass()], rate),
      /^RangeError: A pass has 18 x; got 17$/,
    );
    await assert.rejects(
      trainer.step([pass(), { x } as { x: Float32Array; y: Float32Array }], rate),
      /A pass has 6 y; got none/,
    );
  }));

test("a preparation at any of whose pauses an error is thrown fails with it and frees all memory", async () => {
  const { device } = await createDevice("cpu", 2);
  try {
    const before = device.memory();
    const stop = new Error("stop");
    /** Throws at the pause of that number; returns how many there were. */
    async function prepareUntil(last: number): Promise<number> {
      let pauses = 0;
      const pause = async () => {
        if (++pauses === last) throw stop;
      };
      const made = createTrainer(device, [weights], { ...options, pause });
      if (last === Infinity) (await made).dispose();
      else await assert.rejects(made, stop);
      assert.equal(device.memory(), before);
      return pauses;
    }
    const pauses = await prepareUntil(Infinity);
    const parts = 2 + 2 * options.passes + 2; // plan, prepare; trace, gradients of each pass; plan, prepare
    assert.ok(pauses >= parts, `${pauses} pauses between ${parts} parts`);
    for (let i = 1; i <= pauses; i++) assert.equal(await prepareUntil(i), i);
  } finally {
    await device.dispose();
  }
});
