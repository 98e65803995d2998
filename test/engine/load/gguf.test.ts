import assert from "node:assert/strict";
import { readFile, truncate } from "node:fs/promises";
import { test } from "node:test";
import { model } from "../../../engine/assets";
import { blocks, type StorageType } from "../../../engine/graph/storage";
import { openCheckpoint } from "../../../engine/load";
import { CheckpointError, type MetadataType, type MetadataValue } from "../../../engine/load/checkpoint";
import { type MemoryTensor, memoryCheckpoint } from "../../../engine/load/memory";
import { writeGguf } from "../../../engine/load/writeGguf";
import { randomBlocks } from "./blocks";
import { temporaryFolder } from "./folder";
import { pair, type Raw, raw, tensor, text, u32, u64 } from "./raw";

const builtIn = model("smollm2-135m-instruct-q4_1.gguf");
const types = Object.keys(blocks) as StorageType[];

const randomTensor = (name: string, type: StorageType, ...shape: number[]): MemoryTensor => ({
  name,
  type,
  shape,
  data: randomBlocks(
    type,
    shape.reduce((a, b) => a * b),
  ),
});

const everyKind: [string, MetadataType, MetadataValue][] = [
  ["general.architecture", "string", "llama"],
  ["empty", "string", ""],
  ["accents", "string", "né à 東京 🦙"],
  ["u8", "u8", 255],
  ["i8", "i8", -128],
  ["u16", "u16", 65535],
  ["i16", "i16", -32768],
  ["u32", "u32", 4294967295],
  ["i32", "i32", -2147483648],
  ["f32", "f32", Math.fround(1e-5)],
  ["f64", "f64", Math.PI],
  ["bool", "bool", true],
  ["u64", "u64", 2 ** 40],
  ["huge", "u64", 2n ** 64n - 1n],
  ["i64", "i64", -(2n ** 63n)],
  ["strings", "string[]", ["<s>", "", "Ġthe"]],
  ["numbers", "i32[]", [1, -2, 3]],
  ["floats", "f32[]", [0, -1.5]],
  ["none", "u8[]", []],
  ["flags", "bool[]", [true, false]],
];

test("what is written comes back: every kind of metadata, every storage type, whole and in pieces", async (t) => {
  const folder = await temporaryFolder(t);
  const tensors = types.map((type, i) => randomTensor(`blk.${i}.weight`, type, 3, 512));
  tensors.push(randomTensor("vector", "f32", 7), randomTensor("experts", "q4_0", 2, 3, 5, 32));
  const written = memoryCheckpoint(
    everyKind.map(([key, , value]) => [key, value]),
    tensors,
    everyKind.map(([key, type]) => [key, type]),
  );
  await writeGguf(folder.at("all.gguf"), written);
  const checkpoint = await openCheckpoint(folder.at("all.gguf"));
  assert.deepEqual(checkpoint.metadata, written.metadata);
  assert.deepEqual(checkpoint.metadataTypes, written.metadataTypes);
  assert.deepEqual([...checkpoint.tensors.keys()], [...written.tensors.keys()]);
  for (const { name, type, shape, data } of tensors) {
    const info = checkpoint.tensors.get(name)!;
    assert.deepEqual([info.type, info.shape, info.bytes], [type, shape, data.length]);
    assert.deepEqual(await checkpoint.read(name, 0, info.bytes), data);
    assert.deepEqual(await checkpoint.read(name, 5, 9), data.slice(5, 14));
  }
  await assert.rejects(checkpoint.read("vector", 20, 9), /tensor vector has 28 bytes; asked for 9 from 20 on/);
  await assert.rejects(checkpoint.read("vector", -1, 1), RangeError);
  await assert.rejects(checkpoint.read("nothing", 0, 1), /has no tensor "nothing"/);
  await checkpoint.close();
});

test("metadata without a stated type is written in the type that its value suggests", async (t) => {
  const folder = await temporaryFolder(t);
  const metadata: [string, MetadataValue][] = [
    ["count", 3],
    ["debt", -3],
    ["share", 0.5],
    ["name", "x"],
    ["yes", true],
    ["big", 5n],
    ["ids", [0, 1]],
    ["scores", [0, -0.5]],
  ];
  await writeGguf(folder.at("a.gguf"), memoryCheckpoint(metadata, []));
  const checkpoint = await openCheckpoint(folder.at("a.gguf"));
  const expected = ["u32", "i32", "f32", "string", "bool", "u64", "u32[]", "f32[]"];
  assert.deepEqual([...checkpoint.metadataTypes.values()], expected);
  await checkpoint.close();
  const mixed = memoryCheckpoint([["mixed", ["a", 1]]], []);
  await assert.rejects(writeGguf(folder.at("b.gguf"), mixed), /metadata mixed mixes kinds of values/);
});

test("the built-in model: its header is read in pieces, and it can be written again byte for byte", async (t) => {
  const folder = await temporaryFolder(t);
  const checkpoint = await openCheckpoint(builtIn);
  assert.equal(checkpoint.metadata.get("general.architecture"), "llama");
  assert.equal((checkpoint.metadata.get("tokenizer.ggml.tokens") as string[]).length, 49152);
  assert.equal(checkpoint.tensors.size, 272);
  assert.deepEqual(checkpoint.tensors.get("blk.29.ffn_down.weight")?.shape, [576, 1536]);
  await writeGguf(folder.at("copy.gguf"), checkpoint);
  await checkpoint.close();
  const [copy, original] = await Promise.all([readFile(folder.at("copy.gguf")), readFile(builtIn)]);
  assert.ok(copy.equals(original));
});

/** Parts of three tensors, each with what `changes` says otherwise. */
async function writeParts(folder: { at(name: string): string }, changes: Record<string, number>[] = []) {
  for (const [i, name] of ["a", "b", "c"].entries()) {
    const metadata = { "split.no": i, "split.count": 3, "split.tensors.count": 3, ...changes[i] };
    const own: [string, MetadataValue][] = i === 0 ? [["general.architecture", "qwen2"]] : [];
    await writeGguf(
      folder.at(`m-0000${i + 1}-of-00003.gguf`),
      memoryCheckpoint([...own, ...Object.entries(metadata)], [randomTensor(name, "q8_0", 4, 32)]),
    );
  }
}

test("the path of any one part opens all parts", async (t) => {
  const folder = await temporaryFolder(t);
  await writeParts(folder);
  for (const part of [1, 2, 3]) {
    const checkpoint = await openCheckpoint(folder.at(`m-0000${part}-of-00003.gguf`));
    assert.deepEqual(checkpoint.metadata, new Map([["general.architecture", "qwen2"]]));
    assert.deepEqual([...checkpoint.tensors.keys()], ["a", "b", "c"]);
    for (const [name, { bytes }] of checkpoint.tensors)
      assert.equal((await checkpoint.read(name, 0, bytes)).length, 4 * 34);
    await checkpoint.close();
  }
});

test("parts that do not belong together are refused", async (t) => {
  const folder = await temporaryFolder(t);
  const first = folder.at("m-00001-of-00003.gguf");
  await writeParts(folder, [{}, { "split.no": 0 }]);
  await assert.rejects(
    openCheckpoint(first),
    /none of its 3 parts says that it is number 2; they do not belong together/,
  );
  await writeParts(folder, [{ "split.tensors.count": 4 }]);
  await assert.rejects(openCheckpoint(first), /the parts hold 3 tensors together; expected 4/);
  await writeParts(folder);
  await folder.write("m-00003-of-00003.gguf", await readFile(folder.at("m-00002-of-00003.gguf")));
  await assert.rejects(openCheckpoint(first), CheckpointError);
  await folder.write("renamed.gguf", await readFile(first));
  await assert.rejects(
    openCheckpoint(folder.at("renamed.gguf")),
    /renamed.gguf is one of 3 parts; expected a name that ends like -00001-of-00003.gguf/,
  );
  await writeParts(folder, [{ "split.count": 2 }]);
  await assert.rejects(openCheckpoint(first), /is one of 2 parts; expected a name that ends like -00001-of-00002.gguf/);
  const alone = await folder.write("x-00001-of-00002.gguf", raw({ pairs: [pair("split.count", 4, u32(2))] }));
  await assert.rejects(openCheckpoint(alone), /x-00002-of-00002.gguf does not exist/);
});

const page = Buffer.alloc(4096);
const refused: [string, Raw | Buffer, RegExp][] = [
  ["an empty file", Buffer.alloc(0), /is empty; expected a GGUF file/],
  ["a web page", Buffer.from("<!doctype html>"), /is not a GGUF file: it starts with "<!do"/],
  ["only the first word", Buffer.from("GGUF"), /is cut off or damaged: its header reaches byte 8, the file has 4/],
  ["version 1", { version: 1 }, /is GGUF version 1; supported are versions 2 and 3/],
  ["version 4", { version: 4 }, /is GGUF version 4; supported are versions 2 and 3/],
  ["big-endian", { version: 0x03000000 }, /is a big-endian GGUF file/],
  ["2^63 tensors", { tensorCount: 2n ** 63n }, /claims 922337203685477\d+ tensors; expected at most 65536/],
  ["60000 tensors", { tensorCount: 60000 }, /claims 60000 tensors, and 8 bytes follow/],
  ["2^63 values", { pairCount: 2n ** 63n }, /claims 922337203685477\d+ metadata values; expected at most 65536/],
  ["60000 values", { pairCount: 60000 }, /claims 60000 metadata values, and 0 bytes follow/],
  [
    "a long key",
    { pairs: [Buffer.concat([u64(2n ** 62n), page])] },
    /a metadata key has 46\d+ bytes; expected at most/,
  ],
  ["a key twice", { pairs: [pair("a", 4, u32(1)), pair("a", 4, u32(1))] }, /holds the metadata key "a" twice/],
  ["a value of type 13", { pairs: [pair("a", 13, u32(1))] }, /metadata "a" has a value of type 13; GGUF's types/],
  ["a list of type 99", { pairs: [pair("a", 9, u32(99), u64(0))] }, /metadata "a" has a value of type 99/],
  ["a list of lists", { pairs: [pair("a", 9, u32(9), u64(1))] }, /metadata "a" is a list of lists; expected plain/],
  ["a long text", { pairs: [pair("a", 8, u64(2 ** 40), page)] }, /a text in "a" has 1099511627776 bytes; expected/],
  ["a text past the end", { pairs: [pair("a", 8, u64(9), u64(0))] }, /is cut off or damaged: its header reaches/],
  ["a list of 2^40", { pairs: [pair("a", 9, u32(0), u64(2 ** 40), page)] }, /claims 1099511627776 values in "a"; exp/],
  [
    "a short list",
    { pairs: [pair("a", 9, u32(10), u64(600), page)] },
    /claims 600 values in "a", and 4096 bytes follow/,
  ],
  ["alignment 12", { pairs: [pair("general.alignment", 4, u32(12))] }, /should be a power of two .*, but is "12"/],
  ["alignment 0", { pairs: [pair("general.alignment", 4, u32(0))] }, /should be a power of two .*, but is "0"/],
  ["alignment a text", { pairs: [pair("general.alignment", 8, text("x"))] }, /should be a power of two .*, but is "x"/],
  ["no dimensions", { tensors: [tensor("w", [], 0, 0)] }, /tensor "w" has 0 dimensions; expected 1 to 4/],
  ["five dimensions", { tensors: [tensor("w", [1, 1, 1, 1, 1], 0, 0)] }, /tensor "w" has 5 dimensions/],
  [
    "a size of 0",
    { tensors: [tensor("w", [0, 32], 0, 0)] },
    /tensor "w" has the shape \(0, 32\); expected sizes of at/,
  ],
  ["2^126 values", { tensors: [tensor("w", [2n ** 63n, 2n ** 63n], 0, 0)] }, /tensor "w" has the shape \(92233/],
  ["Q8_1", { tensors: [tensor("w", [32], 9, 0)] }, /tensor "w" is stored as Q8_1; supported are F32, F16, BF16, Q4_0/],
  ["IQ4_XS", { tensors: [tensor("w", [256], 23, 0)] }, /tensor "w" is stored as IQ4_XS; supported are .*Q6_K/],
  ["type 77", { tensors: [tensor("w", [32], 77, 0)] }, /tensor "w" is stored as type 77; supported are/],
  [
    "half blocks",
    { tensors: [tensor("w", [4, 40], 8, 0)] },
    /"w" has rows of 40 values; Q8_0 stores them in blocks of 32/,
  ],
  ["half K blocks", { tensors: [tensor("w", [128], 14, 0)] }, /"w" has rows of 128 values; Q6_K .* blocks of 256/],
  ["a start between", { tensors: [tensor("w", [1], 0, 8)], data: page }, /"w" starts at byte 8 .* the alignment, 32/],
  ["a start far off", { tensors: [tensor("w", [1], 0, 2n ** 63n)], data: page }, /tensor "w" should end at byte 92\d+/],
  [
    "too few bytes",
    { tensors: [tensor("w", [1025], 0, 0)], data: page },
    /cut off or damaged: tensor "w" should end at/,
  ],
  [
    "a name twice",
    { tensors: [tensor("w", [8], 0, 0), tensor("w", [8], 0, 32)], data: page },
    /tensor "w" is there twice/,
  ],
  [
    "overlap",
    { tensors: [tensor("a", [9], 0, 0), tensor("b", [8], 0, 32)], data: page },
    /the tensors "a" and "b" overlap/,
  ],
];

for (const [what, file, sentence] of refused)
  test(`refused: ${what}`, async (t) => {
    const folder = await temporaryFolder(t);
    const path = await folder.write("broken.gguf", Buffer.isBuffer(file) ? file : raw(file));
    await assert.rejects(openCheckpoint(path), (error) => {
      assert.ok(error instanceof CheckpointError);
      assert.match(error.message, sentence);
      assert.ok(error.message.startsWith(path));
      return true;
    });
  });

test("every length to which a file is cut is refused", async (t) => {
  const folder = await temporaryFolder(t);
  await writeGguf(
    folder.at("whole.gguf"),
    memoryCheckpoint([["tokens", ["a", "b"]]], [randomTensor("a", "f32", 8), randomTensor("b", "q4_0", 2, 32)]),
  );
  const whole = await readFile(folder.at("whole.gguf"));
  const lastByte = whole.length - 28; // what follows is padding
  for (let length = 0; length < lastByte; length++)
    await assert.rejects(openCheckpoint(await folder.write("cut.gguf", whole.subarray(0, length))), CheckpointError);
});

test("a header that never ends is refused before it fills the memory", async (t) => {
  const folder = await temporaryFolder(t);
  const path = folder.at("endless.gguf");
  await folder.write("endless.gguf", raw({ pairs: [pair("a", 8, u64(2 ** 27))] }));
  await truncate(path, 2 ** 28); // sparse: takes no room
  await assert.rejects(openCheckpoint(path), /the header is longer than 67108864 bytes/);
});

test("types are those of the tensors, whatever the file's name and metadata say", async (t) => {
  const folder = await temporaryFolder(t);
  const own = randomTensor("token_embd.weight", "q4_1", 4, 64);
  const claims: [string, MetadataValue][] = [
    ["general.name", "Model Q4_0"],
    ["general.file_type", 2],
  ];
  await writeGguf(folder.at("model-q4_0.gguf"), memoryCheckpoint(claims, [own]));
  const checkpoint = await openCheckpoint(folder.at("model-q4_0.gguf"));
  const { type, bytes } = checkpoint.tensors.get(own.name)!;
  assert.equal(type, "q4_1");
  assert.deepEqual(new Uint8Array(await checkpoint.read(own.name, 0, bytes)), own.data);
  await checkpoint.close();
});

for (const columns of [896, 576])
  test(`rows of ${columns} values: in small blocks they load, in K blocks they are refused by name`, async (t) => {
    const folder = await temporaryFolder(t);
    for (const type of types.filter((type) => blocks[type].values <= 32)) {
      await writeGguf(folder.at("a.gguf"), memoryCheckpoint([], [randomTensor("w", type, 3, columns)]));
      const checkpoint = await openCheckpoint(folder.at("a.gguf"));
      assert.deepEqual(checkpoint.tensors.get("w")!.shape, [3, columns]);
      await checkpoint.close();
      const whole = await readFile(folder.at("a.gguf"));
      await folder.write("a.gguf", whole.subarray(0, whole.length - 32));
      await assert.rejects(openCheckpoint(folder.at("a.gguf")), /tensor "w" should end at byte \d+, the file has \d+/);
    }
    for (const code of [10, 11, 12, 13, 14]) {
      await folder.write("a.gguf", raw({ tensors: [tensor("w", [3, columns], code, 0)], data: page }));
      await assert.rejects(
        openCheckpoint(folder.at("a.gguf")),
        /"w" has rows of \d+ values; Q\d_K stores them in blocks of 256/,
      );
    }
  });

test("a missing file and a folder without a config are refused", async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(openCheckpoint(folder.at("nothing.gguf")), /nothing.gguf does not exist/);
  await assert.rejects(openCheckpoint(folder.path), /holds no config.json; expected a GGUF file, or a folder with/);
});

test("a file that becomes shorter while it is open is noticed", async (t) => {
  const folder = await temporaryFolder(t);
  const path = folder.at("a.gguf");
  await writeGguf(path, memoryCheckpoint([], [randomTensor("a", "f32", 64)]));
  const checkpoint = await openCheckpoint(path);
  const whole = await readFile(path);
  await folder.write("a.gguf", whole.subarray(0, whole.length - 10));
  await assert.rejects(
    checkpoint.read("a", 0, 256),
    /a.gguf has become shorter: expected 256 bytes from \d+ on, got 246/,
  );
  await checkpoint.close();
});
