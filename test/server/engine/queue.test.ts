import assert from "node:assert/strict";
import { test } from "node:test";
import { createQueue, type Priority } from "../../../server/engine/queue";

/** A queue whose jobs end when the test ends them, or when they are aborted. */
function createJobs() {
  const events: string[] = [];
  const begun = new Map<string, () => void>();
  const waiting = new Map<string, () => void>();
  const queue = createQueue();
  const run = (name: string, priority: Priority, signal?: AbortSignal) =>
    queue
      .run(
        priority,
        (signal) =>
          new Promise<void>((resolve, reject) => {
            events.push(`${name} begins`);
            begun.set(name, resolve);
            waiting.get(name)?.();
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
        signal,
      )
      .then(
        () => events.push(`${name} ends`),
        () => events.push(`${name} stops`),
      );
  async function end(name: string) {
    if (!begun.has(name)) await new Promise<void>((resolve) => waiting.set(name, resolve));
    begun.get(name)!();
  }
  return { queue, events, run, end };
}

test("queue: a completion stops the one before", async () => {
  const { events, run, end } = createJobs();
  const [a, b] = [run("a", "completion"), run("b", "completion")];
  await a;
  await end("b");
  await b;
  assert.deepEqual(events, ["a begins", "a stops", "b begins", "b ends"]);
});

test("queue: only the newest of the waiting completions runs", async () => {
  const { queue, events, run } = createJobs();
  let free = () => {};
  const held = queue.run("completion", () => new Promise<void>((resolve) => (free = resolve))); // ignores its signal
  const [b, c] = [run("b", "completion"), run("c", "completion")];
  await b;
  assert.deepEqual(events, ["b stops"]);
  free();
  await assert.rejects(held, { name: "AbortError" });
  await new Promise(setImmediate);
  assert.deepEqual(events, ["b stops", "c begins"]);
  run("d", "completion");
  await c;
});

test("queue: a warm-up waits for completions, and is stopped by them", async () => {
  const { events, run, end } = createJobs();
  const warming = run("w", "warming");
  const a = run("a", "completion");
  await warming;
  const later = run("v", "warming");
  await end("a");
  await a;
  await end("v");
  await later;
  assert.deepEqual(events, ["w begins", "w stops", "a begins", "a ends", "v begins", "v ends"]);
});

test("queue: a newer warm-up replaces an older one", async () => {
  const { events, run, end } = createJobs();
  const [a, b] = [run("a", "warming"), run("b", "warming")];
  await a;
  await end("b");
  await b;
  assert.deepEqual(events, ["a begins", "a stops", "b begins", "b ends"]);
});

test("queue: a signal aborts a running job and a waiting one", async () => {
  const { events, run, end } = createJobs();
  const [first, second] = [new AbortController(), new AbortController()];
  const a = run("a", "completion", first.signal);
  const b = run("b", "warming", second.signal);
  second.abort();
  await b;
  first.abort();
  await a;
  const c = run("c", "completion");
  await end("c");
  await c;
  assert.deepEqual(events, ["a begins", "b stops", "a stops", "c begins", "c ends"]);
});

test("queue: after a job that fails the next one runs", async () => {
  const { queue, events, run, end } = createJobs();
  await assert.rejects(
    queue.run("completion", () => Promise.reject(new Error("broken"))),
    /broken/,
  );
  const a = run("a", "completion");
  await end("a");
  await a;
  assert.deepEqual(events, ["a begins", "a ends"]);
});

test("queue: a change of the model runs before all waiting jobs, and nothing stops it", async () => {
  const { events, run, end } = createJobs();
  const a = run("a", "completion");
  const [change, b, warm] = [run("change", "change"), run("b", "completion"), run("w", "warming")];
  await a;
  run("x", "completion");
  await b;
  assert.deepEqual(events, ["a begins", "a stops", "b stops", "change begins"]);
  await end("change");
  await change;
  await end("x");
  await end("w");
  await warm;
  assert.deepEqual(events.slice(4), ["change ends", "x begins", "x ends", "w begins", "w ends"]);
});
