import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountedFile, heldOut, split } from "../../../server/lesson/heldOut";

const paths = Array.from({ length: 20_000 }, (_, i) => `src/${i % 7}/file${i}.ts`);
const sum = (files: CountedFile[]) => files.reduce((sum, { tokens }) => sum + tokens, 0);
const share = (files: CountedFile[]) => sum(split(files).heldOut) / sum(files);

test("5 % of all paths are held out, the same ones each time", () => {
  const out = paths.filter(heldOut);
  assert.ok(Math.abs(out.length / paths.length - 0.05) < 0.005, `${out.length} of ${paths.length}`);
  assert.deepEqual(paths.toReversed().filter(heldOut).toReversed(), out);
  assert.deepEqual([heldOut("src/0/file14.ts"), heldOut("README.md")], [false, false]);
});

test("files of similar size are held out by their paths alone", () => {
  const files = paths.map((path) => ({ path, tokens: 400 }));
  assert.deepEqual(
    split(files).heldOut,
    files.filter(({ path }) => heldOut(path)),
  );
});

test("at most 10 % of the tokens are held out, and at least 2 % if files are small enough", () => {
  for (let first = 0; first < 2000; first += 40) {
    const files = paths.slice(first, first + 40).map((path, i) => ({ path, tokens: 100 + ((i * 7919) % 40) ** 2 }));
    assert.ok(share(files) <= 0.1 && share(files) >= 0.02, `${share(files)} from ${first}`);
  }
});

test("a large file that its path selects is learned from, and small files are held out instead", () => {
  const large = { path: paths.find(heldOut)!, tokens: 3047 };
  const small = paths.slice(0, 12).map((path) => ({ path, tokens: 90 }));
  const { learned, heldOut: out } = split([large, ...small.filter(({ path }) => path !== large.path)]);
  assert.ok(learned.includes(large));
  assert.ok(out.length > 0);
});

test("the smallest file is held out if none fits into 10 %, and a single file never", () => {
  const files = [
    { path: "a.ts", tokens: 3047 },
    { path: "b.ts", tokens: 356 },
  ];
  assert.deepEqual(split(files), { learned: [files[0]], heldOut: [files[1]] });
  assert.deepEqual(split(files.toReversed()), { learned: [files[0]], heldOut: [files[1]] });
  assert.deepEqual(split(files.slice(0, 1)), { learned: files.slice(0, 1), heldOut: [] });
  assert.deepEqual(split([]), { learned: [], heldOut: [] });
});
