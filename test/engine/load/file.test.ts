// Paths of models that are not files, or not model files.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { test } from "node:test";
import { openCheckpoint } from "../../../engine/load";
import { readAdapter } from "../../../engine/load/adapter";
import { CheckpointError, printable, quote } from "../../../engine/load/checkpoint";
import { type Folder, temporaryFolder } from "./folder";
import { writeFolder } from "./rawFolder";

async function refusals(path: string, sentence: RegExp): Promise<void> {
  for (const read of [openCheckpoint, readAdapter])
    await assert.rejects(read(path), (error) => {
      assert.ok(error instanceof CheckpointError, String(error));
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /\bE[A-Z]{4,}\b|errno|syscall/);
      return true;
    });
}

const cases: [string, (folder: Folder) => Promise<string>, RegExp][] = [
  ["nothing", async ({ at }) => at("a.gguf"), /a.gguf does not exist$/],
  [
    "an empty file",
    ({ write }) => write("a.gguf", ""),
    /a.gguf is empty; expected a GGUF file. Download or copy it again$/,
  ],
  [
    "a file as a folder",
    async ({ at, write }) => `${await write("a", "")}/${at("b.gguf").slice(-6)}`,
    /b.gguf cannot be read: a part of its path is not a folder$/,
  ],
  ["a name too long", async ({ at }) => at("a".repeat(300)), /cannot be read: its name is too long$/],
  [
    "a name with NUL",
    async ({ at }) => at("a\0.gguf"),
    /cannot be read: its name holds a character that no file's name may hold$/,
  ],
];

const onUnix: typeof cases = [
  [
    "a circle of links",
    async ({ at }) => {
      await symlink(at("b.gguf"), at("a.gguf"));
      await symlink(at("a.gguf"), at("b.gguf"));
      return at("a.gguf");
    },
    /a.gguf cannot be read: its links lead round in a circle$/,
  ],
  [
    "a pipe",
    async ({ at }) => {
      execFileSync("mkfifo", [at("a.gguf")]);
      return at("a.gguf");
    },
    /a.gguf is a pipe; expected a file$/,
  ],
  ["a device", async () => "/dev/zero", /^\/dev\/zero is a device; expected a file$/],
];

for (const [what, make, sentence] of process.platform === "win32" ? cases : [...cases, ...onUnix])
  test(`refused with a sentence: ${what}`, async (t) => {
    await refusals(await make(await temporaryFolder(t)), sentence);
  });

if (process.platform !== "win32")
  test("refused with a sentence: a socket", async (t) => {
    const folder = await temporaryFolder(t);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(folder.at("a.gguf"), resolve));
    await refusals(folder.at("a.gguf"), /a.gguf is a socket; expected a file$/);
    await new Promise((resolve) => server.close(resolve));
  });

test("a folder that holds folders where files should be is refused", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  await mkdir(folder.at("tokenizer.json"));
  await assert.rejects(openCheckpoint(folder.path), /tokenizer.json is a folder; expected a file$/);
});

test("text of a file is quoted on one line, without characters that a terminal obeys", () => {
  assert.equal(quote('a"b\nc\u001b[2J\u009b1m\u202e\u2028'), String.raw`"a\"b\nc\u001b[2J\u009b1m\u202e\u2028"`);
  assert.equal(quote("é 東京 🦙"), '"é 東京 🦙"');
  assert.equal(quote("x".repeat(1000)).length, 83);
  assert.equal(printable("a\nb\tc"), String.raw`a\u000ab\u0009c`);
});
