// Twenty steps of training a tiny llama, in full and by LoRA, against PyTorch and peft with the same weights and data. On
// the GPU, which is software here, five steps.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createDevice, type DeviceChoice } from "../../../engine/device";
import { sizeOf } from "../../../engine/graph/tensor";
import { openCheckpoint } from "../../../engine/load";
import type { Checkpoint } from "../../../engine/load/checkpoint";
import { dequantize } from "../../../engine/load/dequantize";
import { architectureOf } from "../../../engine/models";
import { uploadWeights } from "../../../engine/models/upload";
import { weightsOf } from "../../../engine/nn";
import { newAdapter } from "../../../engine/train/adapter";
import { trainableWeights } from "../../../engine/train/full";
import { crossEntropyLoss } from "../../../engine/train/loss";
import type { Sequence } from "../../../engine/train/pack";
import type { Parameter } from "../../../engine/train/parameter";
import { createTrainer } from "../../../engine/train/trainer";
import { fixture } from "../models/open";

interface Run {
  losses: number[];
  trained: Record<string, { norm: number; sines: number; first: number[] }>;
}

const root = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/"));
const known = JSON.parse(await readFile(new URL(`${root}/test/engine/train/fixtures/training.json`), "utf8"));

for (const [choice, checkpointing, steps] of [
  ["reference", false, 20],
  ["cpu", false, 20],
  ["cpu", true, 20],
  ["gpu", false, 5],
] as const) {
  const how = `on ${choice}${checkpointing ? ", with activation checkpointing" : ""}`;
  test(`full training ${how}: losses are PyTorch's`, () =>
    train(choice, checkpointing, steps, fullTraining, known.full));
  test(`LoRA ${how}: losses are peft's`, () => train(choice, checkpointing, steps, loraTraining, known.lora));
}

type Kind = (checkpoint: Checkpoint) => Promise<{
  weights: ReturnType<typeof weightsOf>;
  parameters: () => Parameter[];
  initial(parameter: Parameter): Promise<Float32Array>;
}>;

const fullTraining: Kind = async (checkpoint) => {
  const trainable = trainableWeights(checkpoint.tensors);
  return {
    weights: trainable.weights,
    parameters: () => trainable.parameters,
    async initial({ name, shape }) {
      const { type, bytes } = checkpoint.tensors.get(name)!;
      const values = new Float32Array(sizeOf(shape));
      dequantize(type, await checkpoint.read(name, 0, bytes), values);
      return values;
    },
  };
};

const loraTraining: Kind = async (checkpoint) => {
  const { rank, alpha, initial } = known.lora;
  const targets = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];
  const adapter = newAdapter({ kind: "lora", rank, alpha, experts: 1, targets });
  return {
    weights: weightsOf(checkpoint.tensors, [adapter]),
    parameters: () => adapter.parameters,
    initial: async ({ name }) => floats(initial[name].values),
  };
};

const floats = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);

async function train(choice: DeviceChoice, checkpointing: boolean, steps: number, kind: Kind, expected: Run) {
  const checkpoint = await openCheckpoint(fixture(`${known.model}.gguf`));
  const { device } = await createDevice(choice, 2);
  try {
    const { weights, parameters: all, initial } = await kind(checkpoint);
    const build = await architectureOf(checkpoint);
    await uploadWeights(checkpoint, build(64), device);
    const model = build(64, weights);
    const parameters = all();
    const { decay: weightDecay, clip } = known.optimizer;
    const loss = crossEntropyLoss(model, 48);
    const trainer = await createTrainer(device, parameters, {
      ...{ loss, evaluation: loss, passes: 1, weightDecay, clip, memory: checkpointing ? 0 : Infinity },
      pause: async () => {},
    });
    for (const parameter of parameters) trainer.write(parameter, await initial(parameter));
    for (const [i, rate] of known.rates.slice(0, steps).entries()) {
      const loss = await trainer.step([sequenceOf(known.batches[i])], { rate, step: i + 1 });
      assert.ok(Math.abs(loss - expected.losses[i]) <= 1e-5, `step ${i + 1}: ${loss}, not ${expected.losses[i]}`);
    }
    for (const parameter of steps === 20 ? parameters : []) {
      const { norm, first } = expected.trained[parameter.name];
      const values = (await trainer.read(parameter)).subarray(0, sizeOf(parameter.shape));
      assert.ok(Math.abs(Math.hypot(...values) / norm - 1) <= 1e-3, `${parameter.name}: the norm`);
      for (const [i, value] of first.entries())
        assert.ok(Math.abs(values[i] - value) <= 1e-3, `${parameter.name}[${i}]: ${values[i]}, not ${value}`);
    }
    trainer.dispose();
  } finally {
    await device.dispose();
    await checkpoint.close();
  }
}

const sequenceOf = (batch: Record<keyof Sequence, number[]>): Sequence => ({
  tokens: Int32Array.from(batch.tokens),
  positions: Int32Array.from(batch.positions),
  starts: Int32Array.from(batch.starts),
  targets: Int32Array.from(batch.targets),
  weights: Float32Array.from(batch.weights),
});
