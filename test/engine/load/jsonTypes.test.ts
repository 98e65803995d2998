// Values of the wrong type, everywhere in every JSON file that is read: each is ignored, or refused with a sentence.

import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { test } from "node:test";
import { openCheckpoint } from "../../../engine/load";
import { type AdapterBase, baseOf, readAdapter } from "../../../engine/load/adapter";
import { CheckpointError } from "../../../engine/load/checkpoint";
import { architectureOf } from "../../../engine/models";
import { WeightError } from "../../../engine/nn";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { readFixture } from "../text/fixtures";
import { type Folder, fixture, temporaryFolder } from "./folder";
import { safetensors, table, writeFolder } from "./rawFolder";

const wrong = [null, true, 0, -1, 0.5, 1e308, 2 ** 40, "x", "", "\u001b[2J", [], [7], [null], ["x", []], {}, { x: {} }];

type Path = readonly (string | number)[];

/** Of the file's values, those at the first few places of each list and object. */
function* pathsIn(json: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (typeof json !== "object" || json === null) return;
  for (const [key, value] of Object.entries(json).slice(0, 12)) yield* pathsIn(value, [...path, key]);
}

/** A copy with another value at a path. */
function replaced(json: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(json) ? [...json] : { ...(json as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}

/** Reads the file with each value at each of its places; what is thrown must be a sentence that names the file. */
async function mutate(json: unknown, read: (changed: unknown) => unknown, named: string): Promise<void> {
  let [refused, taken] = [0, 0];
  for (const path of pathsIn(json))
    for (const value of wrong)
      try {
        await read(replaced(json, path, value));
        taken++;
      } catch (error) {
        const where = `${path.join(".")} = ${JSON.stringify(value)}: ${(error as Error).stack}`;
        assert.ok(error instanceof CheckpointError || error instanceof WeightError, where);
        assert.ok(error.message.includes(named), where);
        assert.doesNotMatch(error.message, /undefined|\[object|is not a function|NaN/, where);
        assert.doesNotMatch(error.message, /\p{Cc}/u, where);
        refused++;
      }
  assert.ok(refused > wrong.length && taken > 0, `${refused} refused, ${taken} taken`);
}

async function openModel(folder: Folder): Promise<void> {
  const checkpoint = await openCheckpoint(folder.path);
  try {
    await architectureOf(checkpoint);
  } finally {
    await checkpoint.close();
  }
}

const configs = ["llama", "llama-linear", "llama-llama3", "qwen2", "qwen2-yarn"];
for (const name of configs)
  for (const file of ["config.json", "generation_config.json"])
    test(`${file} of ${name}: a value of a wrong type is ignored, or refused with a sentence`, async (t) => {
      const folder = await temporaryFolder(t);
      await cp(fixture(`models/fixtures/${name}`), folder.path, { recursive: true });
      await folder.write("generation_config.json", '{"bos_token_id": 1, "eos_token_id": [3, 0], "max_length": 20}');
      const json = JSON.parse(await readFile(folder.at(file), "utf8"));
      const read = async (changed: unknown) => {
        await folder.write(file, JSON.stringify(changed));
        await openModel(folder);
      };
      await mutate(json, read, folder.path);
    });

const others: Record<string, unknown> = {
  "tokenizer_config.json": { add_bos_token: true, chat_template: "{{ messages }}" },
  "model.safetensors.index.json": {
    metadata: { total_size: 1 },
    weight_map: Object.fromEntries(Object.keys(table().entries).map((name) => [name, "model.safetensors"])),
  },
};
for (const [file, json] of Object.entries(others))
  test(`${file}: a value of a wrong type is ignored, or refused with a sentence`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFolder(folder);
    const read = async (changed: unknown) => {
      await folder.write(file, JSON.stringify(changed));
      await (await openCheckpoint(folder.path)).close();
    };
    await mutate(json, read, folder.path);
  });

test("the header of a safetensors file: a value of a wrong type is ignored, or refused with a sentence", async (t) => {
  const folder = await temporaryFolder(t);
  await writeFolder(folder);
  const { entries, data } = table();
  const read = async (changed: unknown) => {
    await folder.write("model.safetensors", safetensors(changed, data));
    await (await openCheckpoint(folder.path)).close();
  };
  await mutate({ __metadata__: { format: "pt" }, ...entries }, read, folder.path);
});

async function onModel(use: (base: AdapterBase) => Promise<void>): Promise<void> {
  const checkpoint = await openCheckpoint(fixture("models/fixtures/llama.gguf"));
  await checkpoint.close();
  await use(baseOf(checkpoint));
}

test("adapter_config.json: a value of a wrong type is ignored, or refused with a sentence", (t) =>
  onModel(async (base) => {
    const folder = await temporaryFolder(t);
    for (const part of ["adapter_config.json", "adapter_model.safetensors"])
      await folder.write(part, await readFile(fixture(`load/fixtures/adapter/${part}`)));
    const json = JSON.parse(await readFile(folder.at("adapter_config.json"), "utf8"));
    const read = async (changed: unknown) => {
      await folder.write("adapter_config.json", JSON.stringify(changed));
      await readAdapter(folder.path, base);
    };
    await mutate(json, read, folder.path);
  }));

const { texts: _, ...kinds } =
  readFixture<Record<string, { json: { model: { vocab: object; merges: string[] } } }>>("tokenizerJson");
for (const [name, { json }] of Object.entries(kinds))
  test(`tokenizer.json of ${name}: a value of a wrong type is ignored, or refused with a sentence`, async () => {
    // A few tokens and merges are enough, and many tokenizers are made.
    const { vocab, merges } = json.model;
    const few = Object.fromEntries(Object.entries(vocab).slice(0, 60));
    const small = { ...json, model: { ...json.model, vocab: few, merges: merges.slice(0, 20) } };
    const read = (changed: unknown) => {
      const source = { path: "folder", metadata: new Map(), tokenizerJson: JSON.stringify(changed) };
      const tokenizer = createTokenizer(source);
      for (const id of tokenizer.encode("a TOK1 12 <s>\n🦙", { bos: true, special: true }))
        assert.ok(Number.isInteger(id));
    };
    await mutate(small, read, "folder/tokenizer.json");
  });
