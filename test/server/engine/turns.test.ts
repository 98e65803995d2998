import assert from "node:assert/strict";
import { test } from "node:test";
import { createTurns } from "../../../server/engine/turns";

const never = new AbortController().signal;
/** The event loop has gone round often enough that whatever could have happened has. */
async function settled() {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

test("turns: a task waits until the last of those who came has left, and while it is held up", async () => {
  const turns = createTurns();
  const said: string[] = [];
  const wait = () => turns.pause(never).then(() => said.push("turn"));
  await wait();
  const [leave, leaveToo] = [turns.enter(), turns.enter()];
  const waiting = wait();
  leave();
  await settled();
  turns.hold(true);
  leaveToo();
  await settled();
  assert.deepEqual(said, ["turn"]);
  turns.hold(false);
  await waiting;
  assert.deepEqual(said, ["turn", "turn"]);
});

test("turns: a wait ends with its signal's reason", async () => {
  const turns = createTurns();
  turns.hold(true);
  const controller = new AbortController();
  const waiting = turns.pause(controller.signal);
  await settled();
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
});

test("turns: work that was disturbed is done again, other failures are failures", async () => {
  const turns = createTurns();
  let attempts = 0;
  const work = turns.undisturbed(async (signal) => {
    if (++attempts === 3) return "done";
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  }, never);
  for (let i = 1; i < 3; i++) {
    await settled();
    const leave = turns.enter();
    await settled();
    assert.equal(attempts, i);
    leave();
  }
  assert.equal(await work, "done");
  const failing = turns.undisturbed(() => Promise.reject(new Error("wrong")), never);
  await assert.rejects(failing, /wrong/);
});

test("turns: work ends with its task", async () => {
  const turns = createTurns();
  const controller = new AbortController();
  const work = turns.undisturbed(
    (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    controller.signal,
  );
  await settled();
  controller.abort(new Error("enough"));
  await assert.rejects(work, /enough/);
});
