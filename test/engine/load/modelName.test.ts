import assert from "node:assert/strict";
import { test } from "node:test";
import { builtIn } from "../../../engine/assets";
import { openCheckpoint } from "../../../engine/load";
import { baseOf } from "../../../engine/load/adapter";
import { modelName } from "../../../engine/load/modelName";
import { modelInfo } from "../../../engine/modelInfo";
import { describeModel } from "../../../server/models/models";

const names = {
  "/models/qwen2.5-coder-0.5b-q4_k_m.gguf": "qwen2.5-coder-0.5b-q4_k_m",
  "/models/Big-Model-00001-of-00003.gguf": "Big-Model",
  "/models/SmolLM2-135M-Instruct": "SmolLM2-135M-Instruct",
  "/models/modelling-7b.gguf": "modelling-7b",
  "/models/TinyLlama/model.gguf": "TinyLlama",
  "/models/TinyLlama/ggml-model-q4_0.gguf": "TinyLlama",
  "/cache/models--Qwen--Qwen2.5-Coder-0.5B/snapshots/0123456789abcdef0123456789abcdef01234567": "Qwen2.5-Coder-0.5B",
  "/model.gguf": "model",
};

for (const [path, name] of Object.entries(names))
  test(`${path} is called ${name}`, () => {
    assert.equal(modelName(path), name);
  });

test("the built-in model has one name everywhere", async () => {
  const checkpoint = await openCheckpoint(builtIn.path);
  const found = [modelInfo(checkpoint, []).name, baseOf(checkpoint).name, (await describeModel("", undefined)).name];
  await checkpoint.close();
  assert.deepEqual(found, Array(3).fill("SmolLM2-135M-Instruct"));
});
