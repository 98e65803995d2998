// A storage folder that cannot be used: requests that need it fail with a sentence, and completions work.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as protocol from "../../protocol";
import { type Client, startClient } from "./client";

const reason = /cannot be used: a part of its path is not a folder\. Correct this and try again\.$/;
let client: Client;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-"));
  const storage = join(folder, "storage");
  await writeFile(storage, "a file where the folder should be");
  client = await startClient({ settings: { device: "cpu" }, storage, folders: ["file:///project"] });
});
after(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

test("the status says why no adapter is in use, and completions work", async () => {
  const { problem } = await client.until(({ state }) => state === "ready");
  assert.match(problem!.message, /^The workspace's adapters cannot be used: /);
  assert.match(problem!.message, reason);
  assert.match(problem!.cause!, /ENOTDIR.*\n\s+at /);
  await client.open("file:///project/a.ts", "function add(a: number, b: number) {\n  return |\n}\n");
  assert.equal((await client.complete("file:///project/a.ts"))[0].insertText, "a + b;");
});

test("a request that needs the folder fails with the same sentence", async () => {
  await assert.rejects(client.request(protocol.adapters, {}), reason);
});

test("models can be listed and selected", async () => {
  const [builtIn] = await client.request(protocol.models, {});
  assert.equal(builtIn.origin, "built-in");
  const result = await client.request(protocol.selectModel, { path: "test/engine/models/fixtures/llama.gguf" });
  assert.ok("model" in result);
});
