// A completion and a training share the thread of a real model: the whole prompt is read before the next step.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadEngine, pack } from "../../../engine";
import { createFineTuning } from "../../../engine/train/fineTuning";
import { fineTuningOptions } from "../../../engine/train/options";
import { createScheduler } from "../../../server/engine/scheduler";

const never = new AbortController().signal;
const ids = Int32Array.from({ length: 65 }, (_, i) => (i * 7) % 90);
const data = { project: pack([{ ids, learned: new Uint8Array(65).fill(1) }], 64), replay: [] };
const prompt = Array.from({ length: 60 }, (_, i) => (i * 37 + 11) % 90);

test("priority: no training step comes between the chunks that a completion reads", async () => {
  const engine = await loadEngine("test/engine/models/fixtures/llama.gguf", { device: "cpu", threads: 2, context: 64 });
  const scheduler = createScheduler();
  const events: string[] = [];

  /** Reads a prompt as the worker does. The main thread has interrupted the engine before. */
  async function complete() {
    const endRequest = scheduler.beginRequest();
    Atomics.store(engine.interrupt, 0, 1);
    engine.session.forget();
    for (let read = 10; read <= prompt.length; read += 10) {
      await engine.session.prefill(prompt.slice(0, read), never);
      events.push("read");
    }
    endRequest();
  }

  const completions: Promise<void>[] = [];
  const pause = () => scheduler.pause(never);
  const training = await createFineTuning(
    engine.model,
    { ...fineTuningOptions("lora", 12), size: 2 },
    data,
    async () => {
      events.push("interrupted");
      await pause();
    },
  );
  for (let step = 0; step < 12; step++) {
    if (step % 3 === 2) completions.push(complete()); // between two steps
    await pause();
    if (step % 3 === 1) {
      Atomics.store(engine.interrupt, 0, 1); // in the middle of a step
      setImmediate(() => completions.push(complete()));
    }
    await training.step();
    events.push("step");
  }
  await Promise.all(completions);
  assert.equal(events.filter((event) => event === "step").length, 12);
  assert.ok(events.includes("interrupted"));
  const runs = events.join(" ").match(/read( read)*/g);
  assert.deepEqual(runs, new Array(8).fill(new Array(6).fill("read").join(" ")));
  await engine.dispose();
});
