import assert from "node:assert/strict";
import { test } from "node:test";
import { createScheduler } from "../../../server/engine/scheduler";

const never = new AbortController().signal;
/** Waits for ten turns of the event loop, in which every pending callback has run. */
async function settled() {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("scheduler: a task waits until the last request has ended, and while tasks are suspended", async () => {
  const scheduler = createScheduler();
  const events: string[] = [];
  const wait = () => scheduler.pause(never).then(() => events.push("resumed"));
  await wait();
  const [endFirst, endSecond] = [scheduler.beginRequest(), scheduler.beginRequest()];
  const waiting = wait();
  endFirst();
  await settled();
  scheduler.suspend(true);
  endSecond();
  await settled();
  assert.deepEqual(events, ["resumed"]);
  scheduler.suspend(false);
  await waiting;
  assert.deepEqual(events, ["resumed", "resumed"]);
});

test("scheduler: a pause rejects with the reason of its aborted signal", async () => {
  const scheduler = createScheduler();
  scheduler.suspend(true);
  const controller = new AbortController();
  const waiting = scheduler.pause(controller.signal);
  await settled();
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});

test("scheduler: work that a request aborts starts again; other failures reject", async () => {
  const scheduler = createScheduler();
  let attempts = 0;
  const work = scheduler.undisturbed(async (signal) => {
    if (++attempts === 3) return "done";
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }, never);
  for (let i = 1; i < 3; i++) {
    await settled();
    const endRequest = scheduler.beginRequest();
    await settled();
    assert.equal(attempts, i);
    endRequest();
  }
  assert.equal(await work, "done");
  const failing = scheduler.undisturbed(() => Promise.reject(new Error("wrong")), never);
  await assert.rejects(failing, /wrong/);
});

test("scheduler: work is aborted with its task", async () => {
  const scheduler = createScheduler();
  const controller = new AbortController();
  const work = scheduler.undisturbed(
    (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    controller.signal,
  );
  await settled();
  controller.abort(new Error("enough"));
  await assert.rejects(work, /enough/);
});
