import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "../../../engine/graph/tensor";
import { sample } from "../../../engine/ops";
import { sampleOp } from "../../../engine/ops/sample";
import { checkOp, type Input, integers, random } from "../check";
import { integer, normal } from "../random";

/** In the order in which the op reads them. */
function settings({ temperature = 0, topK = 0, topP = 1, minP = 0, penalty = 1, window = 0, seed = 0 }): Input {
  return { shape: [8], values: Float32Array.of(temperature, topK, topP, minP, penalty, window, seed, 0) };
}

const logits = (rows: number, vocab: number, spread: number): Input => ({
  shape: [rows, vocab],
  values: Float32Array.from({ length: rows * vocab }, () => normal() * spread),
});

const compute = (...[logits, sequence, positions, sampling]: Tensor[]) =>
  Object.values(sample(logits, sequence, positions, sampling));

const cases: Record<string, Parameters<typeof settings>[0]> = {
  greedy: {},
  "greedy, with a penalty": { penalty: 1.3, window: 20 },
  "the whole distribution": { temperature: 1, seed: 7 },
  hot: { temperature: 5, seed: 8 },
  cold: { temperature: 0.1, seed: 9 },
  "top-k": { temperature: 1, topK: 5, seed: 10 },
  "top-1": { temperature: 2, topK: 1, seed: 11 },
  "top-k beyond the vocabulary": { temperature: 1, topK: 100000, seed: 12 },
  "top-p": { temperature: 1.5, topP: 0.8, seed: 13 },
  "top-p of nothing": { temperature: 1.5, topP: 0, seed: 14 },
  "top-p of nearly all": { temperature: 3, topP: 0.9999999, seed: 15 },
  "min-p": { temperature: 2, minP: 0.1, seed: 16 },
  everything: { temperature: 1.2, topK: 40, topP: 0.9, minP: 0.02, penalty: 1.1, window: 8, seed: 16777215 },
};

for (const [name, setting] of Object.entries(cases))
  for (const [rows, vocab, spread] of [
    [1, 1000, 2],
    [5, 3333, 4],
    [3, 7, 1],
  ])
    checkOp(`sample: ${name}, ${rows} × ${vocab}`, () => ({
      inputs: [
        logits(rows, vocab, spread),
        integers(
          Array.from({ length: 30 }, () => integer(-1, vocab)),
          30,
          1,
        ),
        integers(Array.from({ length: rows }, () => integer(0, 29))),
        settings(setting),
      ],
      compute,
    }));

checkOp("sample: tokens of equal logits are kept or dropped together, and the first one wins", () => ({
  inputs: [
    { shape: [2, 6], values: Float32Array.of(1, 3, 3, 2, 3, 0, -1, -1, -1, -1, -1, -1) },
    integers([0, 0], 2, 1),
    integers([0, 1]),
    settings({}),
  ],
  compute,
}));

for (let seed = 0; seed < 20; seed++)
  checkOp(`sample: among equals, seed ${seed}`, () => ({
    inputs: [
      { shape: [1, 8], values: Float32Array.of(0, -0, 5, 5, 5, -2, 4, 5) },
      integers([0], 1, 1),
      integers([0]),
      settings({ temperature: 1, topK: 2, topP: 0.5, seed }),
    ],
    compute,
  }));

checkOp("sample: any numbers", () => ({
  inputs: [random(1, 257), integers([3, 5], 2, 1), integers([1]), settings({ temperature: 1, topP: 0.3, seed: 1 })],
  compute,
}));

for (const setting of [cases.greedy, cases.everything])
  checkOp("sample: a row with a logit of NaN or +∞ has no token", () => {
    const rows = [Number.NaN, Infinity, -Infinity].map((value) => {
      const values = Float32Array.from({ length: 1003 }, normal);
      values[integer(0, 1002)] = value;
      return [...values];
    });
    return {
      inputs: [
        { shape: [3, 1003], values: Float32Array.from(rows.flat()) },
        integers([3, 5], 2, 1),
        integers([0, 1, 1]),
        settings(setting),
      ],
      compute,
    };
  });

test("sample: the log-probability is that of the token under the softmax of the logits, whatever is drawn and how", () => {
  const logits = Float64Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
  const shapes = [[1, 3], [4, 1], [1], [8]];
  const drawn = (values: number[]) => {
    const [token, logProbability] = [new Float64Array(1), new Float64Array(1)];
    const inputs = [logits, Float64Array.of(0, 0, 0, 0), Float64Array.of(3), Float64Array.from(values)];
    sampleOp.reference([token, logProbability], inputs, sampleOp.params(shapes, {}));
    return [token[0], Math.exp(logProbability[0]).toFixed(6)];
  };
  assert.deepEqual(drawn([0, 0, 1, 0, 1, 0, 0, 0]), [0, "0.500000"]);
  assert.deepEqual(drawn([0, 0, 1, 0, 8, 4, 0, 0]), [1, "0.300000"]); // the penalty puts the first token behind the second
  for (let seed = 0; seed < 20; seed++) {
    const [token, probability] = drawn([2, 2, 1, 0, 1, 0, seed, 0]);
    assert.equal(probability, ["0.500000", "0.300000"][token as number]);
  }
});
