import assert from "node:assert/strict";
import { test } from "node:test";
import { mergePairs, PairTable } from "../../../engine/text/bytePairs";
import { integer } from "../random";

interface Merge {
  left: number;
  right: number;
  merged: number;
}

/** The definition: again and again the leftmost pair of the lowest rank. */
function mergeByDefinition(symbols: readonly number[], merges: readonly Merge[]): number[] {
  const ids = [...symbols];
  for (;;) {
    let best = merges.length;
    let at = -1;
    for (let i = 0; i + 1 < ids.length; i++) {
      const rank = merges.findIndex(({ left, right }) => left === ids[i] && right === ids[i + 1]);
      if (rank >= 0 && rank < best) [best, at] = [rank, i];
    }
    if (at < 0) return ids;
    ids.splice(at, 2, merges[best].merged);
  }
}

test("merging follows the definition", () => {
  for (let round = 0; round < 200; round++) {
    const merges = Array.from({ length: integer(1, 30) }, (_, i): Merge => {
      const below = 4 + i;
      return { left: integer(0, below - 1), right: integer(0, below - 1), merged: below };
    });
    const pairs = new PairTable(merges.length);
    merges.forEach(({ left, right, merged }, rank) => {
      pairs.add(left, right, rank, merged);
    });
    const symbols = Array.from({ length: integer(0, 60) }, () => integer(0, 3));
    assert.deepEqual(mergePairs(symbols, pairs), mergeByDefinition(symbols, merges));
  }
});
