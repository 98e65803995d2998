import assert from "node:assert/strict";
import { test } from "node:test";
import { type Batch, batches } from "../../../engine/train/batches";
import { exampleOf, given } from "../../../engine/train/example";
import { pack } from "../../../engine/train/pack";

/** Sequences of eight rows that read the ids from `first`. */
const sequences = (count: number, first: number) =>
  Array.from(
    { length: count },
    (_, i) => pack([exampleOf([~(first + i), ...given([1, 2]), 3, 4, ...(i % 2 ? [5] : [])])], 8)[0],
  );

const [project, replay] = [sequences(10, 100), sequences(7, 200)];
const firsts = ({ project, replay }: Batch) => [project, replay].map((part) => part.map(({ tokens }) => tokens[0]));
const total = (part: Batch["project"]) =>
  part.reduce((sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0), 0);

test("a token of the project weighs 1/N, a replay one λ/N'; what is only read nothing", () => {
  const mixed = batches({ project, replay, size: 6, replayWeight: 0.5, seed: 1 });
  for (let step = 0; step < 20; step++) {
    const batch = mixed.at(step);
    assert.deepEqual([batch.project.length, batch.replay.length], [4, 2]);
    assert.ok(Math.abs(total(batch.project) - 1) < 1e-6);
    assert.ok(Math.abs(total(batch.replay) - 0.5) < 1e-6);
    for (const part of [batch.project, batch.replay]) {
      const different = new Set(part.flatMap(({ weights }) => [...weights]));
      assert.equal(different.size, 2);
      assert.ok(different.has(0));
    }
  }
});

test("a step's batch is the same whenever it is asked for, by whomever", () => {
  const mix = { project, replay, size: 4, seed: 9 };
  const [once, again] = [batches(mix), batches(mix)];
  const inOrder = Array.from({ length: 30 }, (_, step) => once.at(step));
  for (const step of [29, 3, 17, 3, 0]) assert.deepEqual(again.at(step), inOrder[step]);
  assert.notDeepEqual(batches({ ...mix, seed: 10 }).at(0), inOrder[0]);
});

test("an epoch reads each sequence once, the next one in another order", () => {
  const mixed = batches({ project, replay, size: 3, seed: 2 });
  assert.equal(mixed.epoch, 5);
  const rounds = [0, 1, 2].map((round) =>
    Array.from({ length: 5 }, (_, i) => firsts(mixed.at(5 * round + i))[0]).flat(),
  );
  for (const round of rounds)
    assert.deepEqual(
      round.toSorted(),
      project.map(({ tokens }) => tokens[0]),
    );
  assert.equal(new Set(rounds.map(String)).size, 3);
});

test("replay sequences go round by themselves, over the end of a round too", () => {
  const mixed = batches({ project, replay, size: 4, replayWeight: 1, seed: 2 });
  const read = Array.from({ length: 7 }, (_, step) => firsts(mixed.at(step))[1]).flat();
  assert.equal(read.length, 14);
  for (const { tokens } of replay) assert.equal(read.filter((id) => id === tokens[0]).length, 2);
});

test("without replay sequences, or weight for them, a batch is the project's", () => {
  for (const mix of [{ replay: [] }, { replay, replayWeight: 0 }]) {
    const batch = batches({ project, size: 1, seed: 1, ...mix }).at(3);
    assert.deepEqual([batch.project.length, batch.replay.length], [1, 0]);
  }
});

test("nothing to learn from, or no room for both kinds, is refused", () => {
  assert.throws(() => batches({ project: [], replay, size: 4, seed: 1 }), /nothing to learn from/);
  assert.throws(() => batches({ project, replay, size: 1, seed: 1 }), /A batch of 1 has no room for both kinds/);
});
