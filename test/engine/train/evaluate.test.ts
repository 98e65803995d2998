// A session and a training compute the same loss of the same tokens, without an adapter and with the one that was trained.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultTargets, documentExamples, fineTuningOptions, loadEngine, pack } from "../../../engine";
import { lossOf } from "../../../engine/train/evaluate";
import { createFineTuning } from "../../../engine/train/fineTuning";
import { fixture } from "../models/open";

const text = "export function add(a: number, b: number) {\n  return a + b;\n}\n".repeat(20);

for (const kind of ["lora", "loramoe"] as const)
  test(`a session computes the fine-tuning's loss, without a ${kind} adapter and with it`, async (t) => {
    const engine = await loadEngine(fixture("llama.gguf"), { device: "cpu", threads: 1 });
    t.after(() => engine.dispose());
    const examples = documentExamples([{ header: "// a.ts\n", text }], {
      tokenizer: engine.tokenizer,
      form: undefined,
      length: 64,
      seed: 1,
    });
    const project = pack(examples, 64);
    const options = { ...fineTuningOptions(kind, 8), rate: 0.01 };
    const fineTuning = await createFineTuning(engine.model, options, { project, replay: [] }, async () => {});
    assert.deepEqual(options.adapter.targets, defaultTargets[kind]);
    const close = async (adapters: Parameters<typeof engine.trial>[0]) => {
      const session = await engine.trial(adapters, 256);
      const { loss, tokens } = await lossOf(session, examples);
      session.dispose();
      assert.equal(
        tokens,
        project.reduce((sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0), 0),
      );
      const told = await fineTuning.loss(project);
      assert.ok(Math.abs(loss - told) < 1e-4, `${loss} by the session, ${told} by the fine-tuning`);
      return told;
    };
    const before = await close([]);
    for (let step = 0; step < 8; step++) await fineTuning.step();
    const adapter = await fineTuning.adapter("taught", {});
    assert.ok((await close([{ adapter, scale: 1 }])) < before - 0.1);
    fineTuning.dispose();
  });
