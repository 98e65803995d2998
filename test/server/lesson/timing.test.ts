import assert from "node:assert/strict";
import { test } from "node:test";
import { createTiming } from "../../../server/lesson/timing";

/** In milliseconds; 2950 in total with eight steps and three measurements between them. */
const planned = { before: 1000, step: 100, between: 50, after: 1000 };
const heldOut = [{ step: 0, loss: 3 }];

test("timing: every part of a lesson counts by its time, and time left follows what was measured", () => {
  const timing = createTiming(planned, 8);
  const told = () => [Math.round(timing.progress * 2950), timing.secondsLeft];
  assert.deepEqual(told(), [0, 2.95]);
  timing.onEvent({ kind: "measuring", what: "before", share: 0.5, milliseconds: 500 });
  assert.deepEqual(told(), [500, 2.45]);
  timing.onEvent({ kind: "measuring", what: "before", share: 1, milliseconds: 2000 }); // twice as long as planned
  assert.deepEqual(told(), [1000, 3.1]);
  timing.onEvent({ kind: "step", step: 4, loss: 2, milliseconds: 200 }); // a step takes twice as long, too
  assert.deepEqual(told(), [1475, 2.95]);
  timing.onEvent({ kind: "measuring", what: "after", share: 0.5, milliseconds: 500 }); // it was stopped, and measures as fast as planned
  assert.deepEqual(told(), [2450, 0.5]);
  timing.onEvent({ kind: "measuring", what: "after", share: 1, milliseconds: 1000 });
  assert.deepEqual(told(), [2950, 0]);
});

test("timing: a resumed lesson counts its first measuring and its steps as done", () => {
  const timing = createTiming(planned, 8);
  timing.onEvent({ kind: "begun", losses: [2, 2, 2, 2], heldOut });
  assert.equal(Math.round(timing.progress * 2950), 1475);
  assert.equal(timing.secondsLeft, 1.475);
});
