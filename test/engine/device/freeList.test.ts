// The free list: it takes the lowest range that fits, and merges ranges that are given back with their neighbours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createFreeList } from "../../../engine/device/wasm/freeList";
import { integer } from "../random";

test("random takes and gives do what they do to a list of single addresses", () => {
  const size = 60;
  const freeList = createFreeList(0, size);
  const free: boolean[] = new Array(size).fill(true);
  const taken: { from: number; to: number }[] = [];
  for (let round = 0; round < 5000; round++) {
    if (taken.length && integer(0, 1)) {
      const [{ from, to }] = taken.splice(integer(0, taken.length - 1), 1);
      freeList.give(from, to);
      free.fill(true, from, to);
    } else {
      const bytes = integer(1, 12);
      const fits = free.findIndex((_, at) => at + bytes <= size && free.slice(at, at + bytes).every(Boolean));
      const from = freeList.take(bytes);
      assert.equal(from ?? -1, fits);
      if (from === undefined) continue;
      taken.push({ from, to: from + bytes });
      free.fill(false, from, from + bytes);
    }
    assert.equal(freeList.before(size), size - 1 - free.lastIndexOf(false));
  }
});
