import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { fileNameOf, listAdapters, saveAdapter } from "../../../server/adapters/storage";
import { openModel, randomAdapter } from "../../engine/load/adapters";
import { temporaryFolder } from "../../engine/load/folder";

test("an adapter's file has its name, without characters that file systems refuse", () => {
  const names = {
    "Teach 🦙 née 日本": "Teach 🦙 née 日本",
    "👩‍👩‍👧": "👩‍👩‍👧",
    "a/b\\c:d": "a-b-c-d",
    "../../etc": "etc",
    "line\nbreak\u0000": "line-break-",
    "half \ud83e": "half -",
    con: "con_",
    "nul.x": "nul.x_",
    console: "console",
    "...": "adapter",
    "": "adapter",
    " x. ": "x",
  };
  for (const [name, file] of Object.entries(names)) assert.equal(fileNameOf(name), file, JSON.stringify(name));
  const long = fileNameOf("👩‍👩‍👧".repeat(50));
  assert.equal(long, "👩‍👩‍👧".repeat(11));
});

test("a second adapter with the same name gets a number, in its file name and in the list", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  const adapter = { ...randomAdapter(base, 2), name: "🦙 a/b" };
  await saveAdapter(folder.path, adapter);
  await saveAdapter(folder.path, adapter);
  assert.deepEqual((await readdir(folder.at("adapters"))).sort(), ["🦙 a-b 2.gguf", "🦙 a-b.gguf"]);
  const kept = await listAdapters(folder.path);
  assert.deepEqual(kept.map(({ name }) => name).sort(), ["🦙 a/b", "🦙 a/b 2"]);
});
