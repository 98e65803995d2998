import assert from "node:assert/strict";
import { test } from "node:test";
import { createQueue, type Priority } from "../../../server/engine/queue";

/** Jobs that end when they are told to, or when they are stopped. */
function bench() {
  const said: string[] = [];
  const begun = new Map<string, () => void>();
  const waiting = new Map<string, () => void>();
  const queue = createQueue();
  const run = (name: string, priority: Priority, signal?: AbortSignal) =>
    queue
      .run(
        priority,
        (signal) =>
          new Promise<void>((resolve, reject) => {
            said.push(`${name} begins`);
            begun.set(name, resolve);
            waiting.get(name)?.();
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
        signal,
      )
      .then(
        () => said.push(`${name} ends`),
        () => said.push(`${name} stops`),
      );
  async function end(name: string) {
    if (!begun.has(name)) await new Promise<void>((resolve) => waiting.set(name, resolve));
    begun.get(name)!();
  }
  return { queue, said, run, end };
}

test("queue: a completion stops the one before", async () => {
  const { said, run, end } = bench();
  const [a, b] = [run("a", "completion"), run("b", "completion")];
  await a;
  await end("b");
  await b;
  assert.deepEqual(said, ["a begins", "a stops", "b begins", "b ends"]);
});

test("queue: only the newest of the waiting completions runs", async () => {
  const { queue, said, run } = bench();
  let free = () => {};
  const held = queue.run("completion", () => new Promise<void>((resolve) => (free = resolve))); // does not heed
  const [b, c] = [run("b", "completion"), run("c", "completion")];
  await b;
  assert.deepEqual(said, ["b stops"]);
  free();
  await assert.rejects(held, { name: "AbortError" });
  await new Promise(setImmediate);
  assert.deepEqual(said, ["b stops", "c begins"]);
  run("d", "completion");
  await c;
});

test("queue: a warm-up waits for completions, and is stopped by them", async () => {
  const { said, run, end } = bench();
  const warming = run("w", "warming");
  const a = run("a", "completion");
  await warming;
  const later = run("v", "warming");
  await end("a");
  await a;
  await end("v");
  await later;
  assert.deepEqual(said, ["w begins", "w stops", "a begins", "a ends", "v begins", "v ends"]);
});

test("queue: a newer warm-up replaces an older one", async () => {
  const { said, run, end } = bench();
  const [a, b] = [run("a", "warming"), run("b", "warming")];
  await a;
  await end("b");
  await b;
  assert.deepEqual(said, ["a begins", "a stops", "b begins", "b ends"]);
});

test("queue: a signal aborts a running job and a waiting one", async () => {
  const { said, run, end } = bench();
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
  assert.deepEqual(said, ["a begins", "b stops", "a stops", "c begins", "c ends"]);
});

test("queue: after a job that fails the next one runs", async () => {
  const { queue, said, run, end } = bench();
  await assert.rejects(
    queue.run("completion", () => Promise.reject(new Error("broken"))),
    /broken/,
  );
  const a = run("a", "completion");
  await end("a");
  await a;
  assert.deepEqual(said, ["a begins", "a ends"]);
});

test("queue: a change of the model runs before all waiting jobs, and nothing stops it", async () => {
  const { said, run, end } = bench();
  const a = run("a", "completion");
  const [change, b, warm] = [run("change", "change"), run("b", "completion"), run("w", "warming")];
  await a;
  run("x", "completion");
  await b;
  assert.deepEqual(said, ["a begins", "a stops", "b stops", "change begins"]);
  await end("change");
  await change;
  await end("x");
  await end("w");
  await warm;
  assert.deepEqual(said.slice(4), ["change ends", "x begins", "x ends", "w begins", "w ends"]);
});
