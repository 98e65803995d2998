// The list of models on this machine.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { test } from "node:test";
import { describeModel, listModels } from "../../../server/models/models";
import { temporaryFolder } from "../../engine/load/folder";

test("downloads with the same name differ in their folders", async (t) => {
  const storage = await temporaryFolder(t);
  const files = ["a/tiny-GGUF/tiny.gguf", "b/tiny-GGUF/tiny.gguf", "c/tiny/config.json", "..d/tiny/big/tiny.gguf"];
  for (const file of files) {
    const path = storage.at(`models/${file}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "");
  }
  const listed = await listModels(storage.path);
  assert.deepEqual(
    listed.map(({ name, origin, folder }) => [name, origin, folder]),
    [
      [listed[0].name, "built-in", undefined],
      ["tiny", "downloaded", "..d/tiny/big"],
      ["tiny", "downloaded", "a/tiny-GGUF"],
      ["tiny", "downloaded", "b/tiny-GGUF"],
      ["tiny", "downloaded", "c/tiny"],
    ],
  );
});

test("a model outside the storage is not a download", async (t) => {
  const storage = await temporaryFolder(t);
  const path = await storage.write("tiny.gguf", "");
  const { origin, folder } = await describeModel(path, storage.path);
  assert.deepEqual([origin, folder], ["disk", undefined]);
});
