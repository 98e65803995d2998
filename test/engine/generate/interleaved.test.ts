// Two sessions of one model at the same time, as when a completion is asked for while a fine-tuning is measured.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadEngine, type Session } from "../../../engine";
import { devices, fixture, logitsOf } from "../models/open";

const tokens = Array.from({ length: 40 }, (_, i) => (i * 37 + 11) % 300);

/** A constraint that chooses the least probable token, three times. */
function contrary() {
  let chosen = 0;
  return {
    get done() {
      return chosen === 3;
    },
    choose(logits: Float32Array) {
      chosen++;
      return { id: logits.indexOf(Math.min(...logits)), logProbability: 0 };
    },
  };
}

async function write(session: Session, prompt: number[]): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of session.generate(prompt, { maxTokens: 8, constraint: contrary() })) ids.push(id);
  return ids;
}

for (const device of devices)
  test(`${device}: interleaved sessions give what each gives alone`, async () => {
    const engine = await loadEngine(fixture("llama.gguf"), { device, threads: 2, context: 64 });
    const trial = await engine.trial([], 64);
    const alone = [
      await write(engine.session, tokens),
      await write(trial, tokens.slice(7)),
      await logitsOf(trial, tokens.slice(3)),
    ];
    for (let time = 0; time < 3; time++) {
      await engine.session.prefill(tokens.slice(0, 2 * time));
      const [first, second] = await Promise.all([write(engine.session, tokens), write(trial, tokens.slice(7))]);
      assert.deepEqual([first, second], alone.slice(0, 2));
      const [again, logits] = await Promise.all([write(engine.session, tokens), logitsOf(trial, tokens.slice(3))]);
      assert.deepEqual([again, logits], [alone[0], alone[2]]);
    }
    await engine.dispose();
  });
