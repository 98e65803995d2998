// A fine-tuning goes on after a stop as if there had been none, and its adapter gives the loss that it had in training.

import assert from "node:assert/strict";
import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type LoadedModel, loadEngine } from "../../../engine/engine";
import { createSession } from "../../../engine/generate/session";
import { attach } from "../../../engine/models/attach";
import { createFineTuning, type FineTuning, type FineTuningOptions } from "../../../engine/train/fineTuning";
import type { Sequence } from "../../../engine/train/pack";
import { fixture, furthestApart, logitsOf } from "../models/open";
import { integer } from "../random";

const folder = await mkdtemp(join(tmpdir(), "glassbox-"));
after(() => rm(folder, { recursive: true }));

const length = 24;
const sequence = (): Sequence => {
  const tokens = Int32Array.from({ length: length + 1 }, () => integer(0, 90));
  return {
    tokens: tokens.slice(0, -1),
    targets: tokens.slice(1),
    positions: Int32Array.from({ length }, (_, i) => i),
    starts: new Int32Array(length),
    weights: new Float32Array(length).fill(1),
  };
};
const data = { project: Array.from({ length: 5 }, sequence), replay: Array.from({ length: 3 }, sequence) };

const options = (kind: "lora" | "loramoe"): FineTuningOptions => ({
  adapter: { kind, rank: 4, alpha: 8, experts: 4, targets: ["attn_q", "ffn_gate", "ffn_up", "ffn_down"] },
  ...{ steps: 8, size: 3, rate: 0.01, replayWeight: 0.5, seed: 7 },
});

async function withModel<T>(use: (model: LoadedModel) => Promise<T>): Promise<T> {
  const engine = await loadEngine(fixture("llama.gguf"), { device: "cpu", threads: 2 });
  try {
    return await use(engine.model);
  } finally {
    await engine.dispose();
  }
}

const withFineTuning = <T>(kind: "lora" | "loramoe", use: (fineTuning: FineTuning) => Promise<T>) =>
  withModel(async (model) => use(await createFineTuning(model, options(kind), data, async () => {})));

const stepsOf = async (fineTuning: FineTuning, count: number) => {
  for (let i = 0; i < count; i++) await fineTuning.step();
};

for (const kind of ["lora", "loramoe"] as const) {
  test(`${kind}: a fine-tuning that stops after any step goes on to the same losses`, async () => {
    const whole = await withFineTuning(kind, async (fineTuning) => {
      await stepsOf(fineTuning, 8);
      return fineTuning.progress.losses;
    });
    assert.ok(whole[7] < whole[0], `${whole}`);
    const path = join(folder, `${kind}.gguf`);
    for (let done = 0; done < 8; done += 2)
      await withFineTuning(kind, async (fineTuning) => {
        assert.equal(await fineTuning.restore(path), done > 0);
        assert.equal(fineTuning.progress.step, done);
        await stepsOf(fineTuning, 2);
        await fineTuning.save(path);
        assert.deepEqual(fineTuning.progress.losses, whole.slice(0, done + 2));
      });
    await withModel(async (model) => {
      const other = { ...options(kind), seed: 8 };
      const fineTuning = await createFineTuning(model, other, data, async () => {});
      assert.equal(await fineTuning.restore(path), false, "another fine-tuning does not go on from it");
    });
    await truncate(path, 3000);
    await withFineTuning(kind, (fineTuning) => assert.rejects(fineTuning.restore(path), /lora|loramoe/));
  });

  test(`${kind}: the adapter on the model gives the loss that the fine-tuning had`, () =>
    withModel(async (model) => {
      const fineTuning = await createFineTuning(model, options(kind), data, async () => {});
      const before = await fineTuning.loss(data.project);
      await stepsOf(fineTuning, 8);
      const after = await fineTuning.loss(data.project);
      assert.ok(after < before, `${before} → ${after}`);
      const adapter = await fineTuning.adapter("taught", { of: "a test" });
      const loaded = attach(adapter, 1, "taught");
      const session = await createSession(model.build(64, model.weights([loaded])), model.device, { cacheType: "f32" });
      loaded.write(model.device);
      let sum = 0;
      for (const { tokens, targets } of data.project) {
        const logits = await logitsOf(session, [...tokens]);
        for (const [row, target] of targets.entries()) {
          const scores = logits.subarray(row * session.vocab, (row + 1) * session.vocab);
          sum += Math.log(scores.reduce((total, score) => total + Math.exp(score), 0)) - scores[target];
        }
      }
      assert.ok(furthestApart([sum / (5 * length)], [after]) <= 1e-5, `${sum / (5 * length)}, not ${after}`);
    }));

  test(`${kind}: a fine-tuning goes on from an earlier one's adapter`, () =>
    withModel(async (model) => {
      const give = (more: Partial<FineTuningOptions>) =>
        createFineTuning(model, { ...options(kind), ...more }, data, async () => {});
      const first = await give({});
      await stepsOf(first, 8);
      const from = await first.adapter("taught", {});
      const second = await give({ from });
      const started = await second.loss(data.project);
      assert.ok(furthestApart([started], [await first.loss(data.project)]) <= 1e-6);
      await stepsOf(second, 8);
      assert.ok((await second.loss(data.project)) < started);

      const { adapter } = options(kind);
      await assert.rejects(
        give({ from, adapter: { ...adapter, rank: 2 } }),
        /In the adapter "taught" "blk\.0\.attn_q\.weight\.lora_a" is (4|16) × \d+; in this training it is (2|8) × \d+/,
      );
      await assert.rejects(give({ from, adapter: { ...adapter, targets: ["attn_q"] } }), /changes other layers than/);
    }));
}
