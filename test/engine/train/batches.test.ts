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

test("a project token's weight is 1/N, a replay token's is λ/N', and a token that is only read has none", () => {
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

test("a step's batch depends on the step alone", () => {
  const mix = { project, replay, size: 4, seed: 9 };
  const [once, again] = [batches(mix), batches(mix)];
  const inOrder = Array.from({ length: 30 }, (_, step) => once.at(step));
  for (const step of [29, 3, 17, 3, 0]) assert.deepEqual(again.at(step), inOrder[step]);
  assert.notDeepEqual(batches({ ...mix, seed: 10 }).at(0), inOrder[0]);
});

test("an epoch reads each sequence once, and the next epoch reads them in another order", () => {
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

test("replay sequences have epochs of their own, and a batch may span two of them", () => {
  const mixed = batches({ project, replay, size: 4, replayWeight: 1, seed: 2 });
  const read = Array.from({ length: 7 }, (_, step) => firsts(mixed.at(step))[1]).flat();
  assert.equal(read.length, 14);
  for (const { tokens } of replay) assert.equal(read.filter((id) => id === tokens[0]).length, 2);
});

test("a batch holds the project alone where there are no replay sequences or their weight is 0", () => {
  for (const mix of [{ replay: [] }, { replay, replayWeight: 0 }]) {
    const batch = batches({ project, size: 1, seed: 1, ...mix }).at(3);
    assert.deepEqual([batch.project.length, batch.replay.length], [1, 0]);
  }
});

test("batches are refused without project sequences, and without room for both kinds", () => {
  assert.throws(() => batches({ project: [], replay, size: 4, seed: 1 }), /nothing to learn from/);
  assert.throws(() => batches({ project, replay, size: 1, seed: 1 }), /A batch of 1 has no room for both kinds/);
});
