import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import {
  type Adapter,
  baseOf,
  expectFits,
  readAdapter,
  writeGgufAdapter,
  writePeftAdapter,
} from "../../../engine/load/adapter";
import { CheckpointError } from "../../../engine/load/checkpoint";
import { openGguf } from "../../../engine/load/gguf";
import { memoryCheckpoint } from "../../../engine/load/memory";
import { writeGguf } from "../../../engine/load/writeGguf";
import { openModel, randomAdapter } from "./adapters";
import { randomBlocks } from "./blocks";
import { fixture, temporaryFolder } from "./folder";

/** The tensors in order of their names, so that two files of one adapter are equal. */
const sorted = (adapter: Adapter): Adapter => ({
  ...adapter,
  tensors: new Map([...adapter.tensors].sort(([a], [b]) => (a < b ? -1 : 1))),
});

for (const model of ["llama.gguf", "llama-mqa.gguf", "qwen2.gguf"])
  test(`an adapter of ${model} is read as it was written, from either format`, async (t) => {
    const folder = await temporaryFolder(t);
    const base = await openModel(model);
    t.after(() => base.close());
    const written = sorted(randomAdapter(base, 3));
    await writeGgufAdapter(folder.at("a.gguf"), written);
    await writePeftAdapter(folder.at("peft"), written, "some/model");
    for (const file of ["a.gguf", "peft", "peft/adapter_model.safetensors"]) {
      const read = await readAdapter(folder.at(file));
      assert.deepEqual(sorted(read), written);
      expectFits(read, base);
    }
    assert.deepEqual((await readdir(folder.path)).sort(), ["a.gguf", "peft"]);
    assert.deepEqual((await readdir(folder.at("peft"))).sort(), ["adapter_config.json", "adapter_model.safetensors"]);
  });

test("no line of what an adapter was trained on is in its files, or read from one that has it", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  const adapter = randomAdapter(base, 3);
  const line = 'const password = "tR7$kq9Lm2!x";';
  const report = {
    ...(adapter.metadata.report as object),
    examples: [{ path: "a.ts", prompt: line, truth: line, before: line, after: line }],
    lines: [line],
    note: line,
    deep: { note: line, count: 3 },
  };
  const told = { ...adapter.metadata, report: { ...(adapter.metadata.report as object), deep: { count: 3 } } };
  const telling = { ...adapter.metadata, report, made: line, files: [line], [line]: 1 };
  await writeGgufAdapter(folder.at("a.gguf"), { ...adapter, metadata: { ...telling, made: adapter.metadata.made } });
  await writePeftAdapter(folder.at("peft"), { ...adapter, metadata: { ...telling, made: adapter.metadata.made } }, "m");
  await writeGgufAdapter(folder.at("undated.gguf"), { ...adapter, metadata: telling });
  for (const file of ["a.gguf", "undated.gguf", "peft/adapter_model.safetensors", "peft/adapter_config.json"])
    assert.ok(!(await readFile(folder.at(file), "utf8")).includes("tR7$kq9Lm2!x"), file);
  for (const file of ["a.gguf", "peft"]) assert.deepEqual((await readAdapter(folder.at(file))).metadata, told);

  const leaky = await openGguf(folder.at("a.gguf"));
  const metadata = new Map(leaky.metadata).set("glassbox.metadata", JSON.stringify({ ...adapter.metadata, report }));
  await writeGguf(folder.at("leaky.gguf"), { ...leaky, metadata });
  await leaky.close();
  assert.ok((await readFile(folder.at("leaky.gguf"), "utf8")).includes("examples"));
  assert.deepEqual((await readAdapter(folder.at("leaky.gguf"))).metadata, told);
});

test("a LoRAMoE is read from GGUF as it was written, and is not written for peft", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  const written = randomAdapter(base, 2, 4);
  await writeGgufAdapter(folder.at("a.gguf"), written);
  const read = await readAdapter(folder.at("a.gguf"));
  assert.deepEqual(read, written);
  assert.deepEqual(read.tensors.get("blk.1.ffn_up.weight.lora_router")!.shape, [4, 64]);
  expectFits(read, base);
  await assert.rejects(writePeftAdapter(folder.at("peft"), read, "some/model"), {
    name: "CheckpointError",
    message: 'The adapter "a lesson" is a LoRAMoE, which peft does not know; write GGUF',
  });
  assert.deepEqual(await readdir(folder.path), ["a.gguf"]);
});

test("peft's folder and the GGUF file that llama.cpp's script makes of it are the same adapter", async (t) => {
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  const peft = await readAdapter(fixture("load/fixtures/adapter"), baseOf(base));
  const gguf = await readAdapter(fixture("load/fixtures/adapter.gguf"), baseOf(base));
  for (const adapter of [peft, gguf]) {
    assert.deepEqual([adapter.alpha, adapter.rank, adapter.experts, adapter.tensors.size], [8, 4, 1, 28]);
    expectFits(adapter, base);
  }
  assert.deepEqual(sorted(peft).tensors, sorted(gguf).tensors);
  assert.deepEqual(peft.base, baseOf(base));
  assert.deepEqual(gguf.base, { ...baseOf(base), name: "" });
});

test("an adapter of peft's that is written again has the same tensors", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  const adapter = await readAdapter(fixture("load/fixtures/adapter.gguf"), baseOf(base));
  await writePeftAdapter(folder.at("again"), adapter, "llama");
  const data = async (path: string) => {
    const bytes = await readFile(`${path}/adapter_model.safetensors`);
    const start = 8 + Number(bytes.readBigUInt64LE());
    const { __metadata__, ...table } = JSON.parse(bytes.toString("utf8", 8, start));
    const tensors = Object.entries<{ shape: number[]; data_offsets: [number, number] }>(table);
    return new Map(
      tensors
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(
          ([
            name,
            {
              shape,
              data_offsets: [from, to],
            },
          ]) => [name, { shape, at: bytes.subarray(start + from, start + to) }],
        ),
    );
  };
  assert.deepEqual(await data(folder.at("again")), await data(fixture("load/fixtures/adapter")));
});

test("rsLoRA's factor is alpha over the root of the rank", async (t) => {
  const folder = await temporaryFolder(t);
  const base = await openModel("llama.gguf");
  t.after(() => base.close());
  for (const rank of [4, 16, 64]) {
    await writePeftAdapter(folder.path, randomAdapter(base, rank), "llama");
    const config = JSON.parse(await readFile(folder.at("adapter_config.json"), "utf8"));
    await folder.write("adapter_config.json", JSON.stringify({ ...config, use_rslora: true }));
    const adapter = await readAdapter(folder.path);
    assert.equal(adapter.alpha / adapter.rank, 16 / Math.sqrt(rank));
  }
});

test("pairs may be stored in any type, and without an alpha their factor is 1", async (t) => {
  const folder = await temporaryFolder(t);
  const metadata: [string, string][] = [
    ["general.type", "adapter"],
    ["general.architecture", "llama"],
    ["adapter.type", "lora"],
  ];
  const tensors = [
    { name: "blk.0.ffn_up.weight.lora_a", type: "q8_0" as const, shape: [2, 64], data: randomBlocks("q8_0", 128) },
    { name: "blk.0.ffn_up.weight.lora_b", type: "f16" as const, shape: [96, 2], data: randomBlocks("f16", 192) },
  ];
  await writeGguf(folder.at("a.gguf"), memoryCheckpoint(metadata, tensors));
  const { name, alpha, rank, base } = await readAdapter(folder.at("a.gguf"));
  assert.deepEqual([name, alpha, rank, base], ["a", 2, 2, { architecture: "llama", name: "", sizes: {} }]);
});

test("an adapter for another model does not fit", async (t) => {
  const [llama, linear, mqa, qwen2] = await Promise.all(
    ["llama.gguf", "llama-linear.gguf", "llama-mqa.gguf", "qwen2.gguf"].map(openModel),
  );
  t.after(() => Promise.all([llama, linear, mqa, qwen2].map((base) => base.close())));
  const adapter = randomAdapter(llama, 2);
  const refused = (base: typeof llama, sentence: RegExp, changes: Partial<Adapter> = {}) =>
    assert.throws(
      () => expectFits({ ...adapter, ...changes }, base),
      (error) => {
        assert.ok(error instanceof CheckpointError);
        assert.match(error.message, sentence);
        assert.match(error.message, /^The adapter "a lesson" does not fit: /);
        return true;
      },
    );
  const unsaid = { base: { ...adapter.base, sizes: {} } };
  refused(qwen2, /it is for the architecture "llama", .*qwen2.gguf is qwen2$/);
  refused(mqa, /it is for a model whose attention.head_count_kv is 2, that of .*llama-mqa.gguf is 1$/);
  refused(mqa, /it changes blk.0.attn_q.weight as \(64, 64\); in .*llama-mqa.gguf it is \(128, 64\)$/, unsaid);
  refused(linear, /it changes the head, whose weights .*llama-linear.gguf shares with the embedding$/);
});
