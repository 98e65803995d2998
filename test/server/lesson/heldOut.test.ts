import assert from "node:assert/strict";
import { test } from "node:test";
import { heldOut, split } from "../../../server/lesson/heldOut";

const paths = Array.from({ length: 20_000 }, (_, i) => `src/${i % 7}/file${i}.ts`);

test("one path in twenty is held out, always the same", () => {
  const out = paths.filter(heldOut);
  assert.ok(Math.abs(out.length / paths.length - 0.05) < 0.005, `${out.length} of ${paths.length}`);
  assert.deepEqual(paths.toReversed().filter(heldOut).toReversed(), out);
  assert.deepEqual([heldOut("src/0/file14.ts"), heldOut("README.md")], [false, false]);
});

test("files are held out by their paths alone", () => {
  const files = paths.map((path) => ({ path }));
  assert.deepEqual(
    split(files).heldOut,
    files.filter(({ path }) => heldOut(path)),
  );
});

test("of two files one is held out, of one none", () => {
  const files = ["a.ts", "b.ts"].map((path) => ({ path }));
  const { learned, heldOut } = split(files);
  assert.deepEqual([learned.length, heldOut.length], [1, 1]);
  assert.deepEqual(split(files.toReversed()).heldOut, heldOut);
  assert.deepEqual(split(files.slice(0, 1)), { learned: files.slice(0, 1), heldOut: [] });
  assert.deepEqual(split([]), { learned: [], heldOut: [] });
});

test("at least one file is learned from", () => {
  const files = paths
    .filter(heldOut)
    .slice(0, 3)
    .map((path) => ({ path }));
  assert.deepEqual([split(files).learned.length, split(files).heldOut.length], [1, 2]);
});
