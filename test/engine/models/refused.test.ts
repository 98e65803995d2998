// Models that could be loaded, but would compute wrong results: each is refused with a message.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtIn, builtInModel, loadEngine, readAdapter } from "../../../engine";
import { createDevice } from "../../../engine/device";
import { createSession, LogitsError, type Session } from "../../../engine/generate/session";
import { CheckpointError } from "../../../engine/load/checkpoint";
import type { MemoryTensor } from "../../../engine/load/memory";
import { quantize } from "../../../engine/load/quantize";
import { architectureOf } from "../../../engine/models";
import { attach } from "../../../engine/models/attach";
import { uploadWeights } from "../../../engine/models/upload";
import { weightsOf } from "../../../engine/nn";
import { randomAdapter } from "../load/adapters";
import { type Changes, changed, devices } from "./open";

const ones = (name: string, ...shape: number[]): MemoryTensor => ({
  name,
  type: "f32",
  shape,
  data: quantize("f32", new Float32Array(shape.reduce((a, b) => a * b)).fill(1)),
});

const eps = "llama.attention.layer_norm_rms_epsilon";
const refused: [string, Changes, RegExp][] = [
  [
    "a norm that only other architectures have",
    { tensors: [ones("blk.0.attn_q_norm.weight", 32)] },
    /"blk.0.attn_q_no/,
  ],
  [
    "a bias of a norm",
    { tensors: [ones("output_norm.bias", 64)] },
    /"output_norm.bias" is none that this architecture/,
  ],
  ["a router", { tensors: [ones("blk.1.ffn_gate_inp.weight", 4, 64)] }, /"blk.1.ffn_gate_inp.weight" is none that/],
  ["two tensors too many", { tensors: [ones("a", 1), ones("b", 1)] }, /"a" \(and 1 more\) is none that/],
  [
    "fewer blocks in the metadata than in the file",
    { metadata: { "llama.block_count": 1 } },
    /"blk.1.attn_q.weight" \(and 8 more\) is of block 2, the metadata says that there are 1; the file is damaged/,
  ],
  ["experts", { metadata: { "llama.expert_count": 8 } }, /is a mixture of experts, which is not supported/],
  ["an epsilon of −5", { metadata: { [eps]: -5 } }, /rms_epsilon should be above 0 and at most 0.1, but is -5/],
  ["an epsilon of 0", { metadata: { [eps]: 0 } }, /rms_epsilon should be above 0 and at most 0.1, but is 0/],
  ["an epsilon of 1e308", { metadata: { [eps]: 1e308 } }, /should be above 0 and at most 0.1, but is 1e\+308/],
  ["an epsilon that is NaN", { metadata: { [eps]: Number.NaN } }, /rms_epsilon should be a number, but is NaN/],
  ["a RoPE base of 0", { metadata: { "llama.rope.freq_base": 0 } }, /freq_base should be above 0 and at most 1e\+30/],
  ["a scale of the logits", { metadata: { "llama.logit_scale": 8 } }, /scales values by logit_scale, which this arch/],
  ["an odd rotation", { metadata: { "llama.rope.dimension_count": 31 } }, /should be even and at most a head's width/],
  ["a rotation wider than heads", { metadata: { "llama.rope.dimension_count": 1000 } }, /should be even and at most/],
  [
    "a scaling of 1e308",
    { metadata: { "llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 1e308 } },
    /rope.scaling.factor should be above 0 and at most 1000000, but is 1e\+308/,
  ],
  ["a scaling of type 7", { metadata: { "llama.rope.scaling.type": 7 } }, /scaling.type should be a text, but is 7/],
  [
    "another architecture of the family",
    { metadata: { "general.architecture": "qwen3moe" } },
    /"qwen3moe" is not supported; supported are llama, qwen2; the nearest is qwen2. Choose a model of these, such as/,
  ],
  [
    "an architecture of none",
    { metadata: { "general.architecture": "mamba\u001b[2J" } },
    /"mamba\\u001b\[2J" is not supported; supported are llama, qwen2. Choose a model of these, such as/,
  ],
];

for (const [what, changes, sentence] of refused)
  test(`refused: a model with ${what}`, async () => {
    const checkpoint = await changed("llama.gguf", changes);
    await assert.rejects(
      async () => architectureOf(checkpoint),
      (error) => {
        assert.ok(error instanceof CheckpointError, String(error));
        assert.match(error.message, sentence);
        return true;
      },
    );
  });

test("refused: a model with more blocks in the metadata than in the file", async () => {
  const checkpoint = await changed("llama.gguf", { metadata: { "llama.block_count": 3 } });
  await assert.rejects(async () => architectureOf(checkpoint), {
    name: "WeightError",
    message:
      "(memory) does not hold the model that its metadata describes. The tensor blk.2.attn_q.weight is missing; " +
      "expected (64, 64). Choose another file",
  });
});

test("tensors that the engine computes itself are ignored", async () => {
  const tensors = [ones("blk.0.attn_rot_embd.inv_freq", 16), ones("blk.1.attn_rot_embd.weight", 16)];
  await architectureOf(await changed("llama.gguf", { tensors }));
});

/** Ends in an error whatever the model is asked. */
async function saysNothing(session: Session): Promise<void> {
  await assert.rejects(
    session.logits([1, 2, 3], () => assert.fail("logits were handed on")),
    LogitsError,
  );
  for (const temperature of [0, 0.8]) {
    const generated = session.generate([1, 2, 3], { maxTokens: 9, sampling: { temperature, topK: 20, topP: 0.9 } });
    await assert.rejects(generated.next(), LogitsError);
  }
  const constraint = { done: false, choose: () => assert.fail("the constraint was asked") };
  await assert.rejects(session.generate([1, 2, 3], { maxTokens: 9, constraint }).next(), LogitsError);
}

// Not on the reference, which computes in float64.
for (const choice of devices.filter((device) => device !== "reference"))
  test(`${choice}: NaN or infinite logits are an error`, async () => {
    const { device } = await createDevice(choice, 2);
    try {
      // Finite weights whose products are not.
      const [name, shape] = ["output_norm.weight", [64]] as const;
      const huge = { name, type: "f32" as const, shape, data: quantize("f32", new Float32Array(64).fill(3e38)) };
      const damaged = await changed("llama.gguf", { tensors: [huge] });
      const build = await architectureOf(damaged);
      await uploadWeights(damaged, build(64), device);
      await saysNothing(await createSession(build(64), device));
    } finally {
      await device.dispose();
    }
  });

for (const choice of devices)
  test(`${choice}: an adapter at a scale of 1e308 is an error`, async () => {
    const { device } = await createDevice(choice, 2);
    try {
      const checkpoint = await changed("llama.gguf", {});
      const build = await architectureOf(checkpoint);
      await uploadWeights(checkpoint, build(64), device);
      const adapter = attach(randomAdapter(checkpoint, 2), 1e308, "adapter");
      const session = await createSession(build(64, weightsOf(checkpoint.tensors, [adapter])), device);
      adapter.write(device);
      await saysNothing(session);
    } finally {
      await device.dispose();
    }
  });

test("adapters with which the model computes no numbers are refused, and the model works as before", async () => {
  const engine = await loadEngine(builtIn.path, { device: "cpu", context: 64 });
  try {
    const prompt = engine.tokenizer.encode("def fibonacci(n):\n");
    const write = async () => {
      const ids: number[] = [];
      for await (const { id } of engine.session.generate(prompt, { maxTokens: 8 })) ids.push(id);
      return ids;
    };
    const before = await write();
    const adapter = await readAdapter(builtInModel("smollm2-135m-instruct-fill-in-middle.gguf"), engine.base);
    await assert.rejects(engine.adapt([{ adapter, scale: 1e308 }]), LogitsError);
    assert.equal(before.length, 8);
    assert.deepEqual(await write(), before);
  } finally {
    await engine.dispose();
  }
});
