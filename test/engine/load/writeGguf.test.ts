import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile, symlink } from "node:fs/promises";
import { test } from "node:test";
import { openCheckpoint } from "../../../engine/load";
import { CheckpointError } from "../../../engine/load/checkpoint";
import { memoryCheckpoint } from "../../../engine/load/memory";
import { writeGguf } from "../../../engine/load/writeGguf";
import { temporaryFolder } from "./folder";

const small = memoryCheckpoint(
  [["general.architecture", "llama"]],
  [{ name: "w", type: "f32", shape: [2], data: new Uint8Array(8) }],
);

test("a file that is there is replaced, and nothing else is left", async (t) => {
  const folder = await temporaryFolder(t);
  const path = await folder.write("a.gguf", "what was there before");
  await folder.write("a.gguf.partial", "what a killed attempt left, longer than the file that is to come".repeat(99));
  await writeGguf(path, small);
  assert.deepEqual(await readdir(folder.path), ["a.gguf"]);
  await (await openCheckpoint(path)).close();
});

test("where writing fails the old file stays and nothing is left over", async (t) => {
  const folder = await temporaryFolder(t);
  const path = await folder.write("a.gguf", "old");
  const failing = { ...small, read: async () => Promise.reject(new CheckpointError("the source is gone")) };
  await assert.rejects(writeGguf(path, failing), /the source is gone/);
  assert.equal(await readFile(path, "utf8"), "old");
  assert.deepEqual(await readdir(folder.path), ["a.gguf"]);
});

test("a tensor of the wrong length is refused", () =>
  assert.throws(
    () => memoryCheckpoint([], [{ name: "w", type: "q8_0", shape: [2, 32], data: new Uint8Array(67) }]),
    /The tensor w takes 68 bytes; got 67/,
  ));

test("a missing folder is an error", async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(
    writeGguf(folder.at("missing/a.gguf"), small),
    /missing\/a.gguf could not be written: its folder does not exist/,
  );
});

// Linux has a file to which nothing can be written because the disk is full.
if (existsSync("/dev/full"))
  test("a full disk is an error, and the old file stays", async (t) => {
    const folder = await temporaryFolder(t);
    const path = await folder.write("a.gguf", "old");
    await symlink("/dev/full", `${path}.partial`);
    await assert.rejects(writeGguf(path, small), (error) => {
      assert.ok(error instanceof CheckpointError);
      assert.equal(error.message, `${path} could not be written: the disk is full`);
      return true;
    });
    assert.equal(await readFile(path, "utf8"), "old");
    assert.deepEqual(await readdir(folder.path), ["a.gguf"]);
  });
