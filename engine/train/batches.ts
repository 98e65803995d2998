// The batch of each training step: sequences of the project, and replay sequences against forgetting. The loss is the
// project's plus λ times the replay data's, L2 + λ · L1 (Radford et al., 2018). A step's number alone decides its batch.

import type { Sequence } from "./pack";
import { permutation } from "./random";

export interface Mix {
  project: readonly Sequence[];
  /** May be empty. */
  replay: readonly Sequence[];
  /** Sequences a step. */
  size: number;
  /** λ. */
  replayWeight?: number;
  seed: number;
}

/** The weights of the project's sequences sum to 1, those of the replay sequences to λ. */
export interface Batch {
  project: Sequence[];
  replay: Sequence[];
}

export interface Batches {
  /** In how many steps each of the project's sequences is read once; seldom a whole number. */
  epoch: number;
  at(step: number): Batch;
}

export function batches({ project, replay, size, replayWeight = 0.5, seed }: Mix): Batches {
  if (project.length === 0) throw new RangeError("There is nothing to learn from: no sequence has a token to predict");
  const sizes = sizesOf({ size, replayWeight: replay.length ? replayWeight : 0 });
  const nextOfProject = shuffled(project, seed, 0);
  const nextOfReplay = shuffled(replay, seed, 1);
  return {
    epoch: project.length / sizes.project,
    at: (step) => ({
      project: weighted(nextOfProject(step * sizes.project, sizes.project), 1),
      replay: weighted(nextOfReplay(step * sizes.replay, sizes.replay), replayWeight),
    }),
  };
}

/** How many of a batch's sequences are of each kind. Throws RangeError where there is no room for a kind. */
export function sizesOf({ size, replayWeight }: { size: number; replayWeight: number }) {
  const mixed = replayWeight > 0;
  if (size < (mixed ? 2 : 1))
    throw new RangeError(`A batch of ${size} has no room for ${mixed ? "both kinds of sequences" : "a sequence"}`);
  // With this share of a batch, tokens of both kinds have about the same weight in the loss.
  const share = replayWeight / (1 + replayWeight);
  const replay = mixed ? Math.min(size - 1, Math.max(1, Math.round(size * share))) : 0;
  return { project: size - replay, replay };
}

/** Gives `count` sequences from the `first` of an endless row, in which all come round in a new order each time. */
function shuffled(sequences: readonly Sequence[], seed: number, kind: number) {
  let known: { round: number; order: Uint32Array } = { round: -1, order: new Uint32Array() };
  const at = (index: number) => {
    const round = Math.floor(index / sequences.length);
    if (known.round !== round) known = { round, order: permutation(sequences.length, seed, kind, round) };
    return sequences[known.order[index % sequences.length]];
  };
  return (first: number, count: number) => Array.from({ length: count }, (_, i) => at(first + i));
}

function weighted(sequences: readonly Sequence[], total: number): Sequence[] {
  const sum = sequences.reduce((sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0), 0);
  return sequences.map((sequence) => ({ ...sequence, weights: sequence.weights.map((w) => (w * total) / sum) }));
}
