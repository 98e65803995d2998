import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { safetensors, table } from "../engine/load/rawFolder";
import { fixture, furthestApart, readJson } from "../engine/models/open";
import { glassbox, type Ran, startGlassbox } from "./glassbox";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-cli-"));
});
after(() => rm(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);

/** The output of a run that succeeded. */
function done({ code, out, err }: Ran): string {
  assert.equal(code, 0, err);
  return out;
}

for (const command of [
  "devices",
  "info",
  "tokenize",
  "logits",
  "complete",
  "suggest",
  "bench",
  "perplexity",
  "train",
  "eval",
  "pretrain",
])
  test(`${command} --help prints its usage, as -h and help ${command} do`, async () => {
    const help = done(await glassbox([command, "--help"]));
    assert.match(help, new RegExp(`^usage: glassbox ${command} `));
    assert.match(done(await glassbox(["--help"])), new RegExp(`^ {2}${command} `, "m"));
    for (const asked of [
      [command, "-h"],
      ["help", command],
    ])
      assert.equal(done(await glassbox(asked)), help);
  });

test("the version is the package's", async () => {
  const { version } = JSON.parse(await readFile("package.json", "utf8"));
  for (const asked of ["--version", "-V"]) assert.equal(done(await glassbox([asked])), `${version}\n`);
});

/** Command lines that are wrong, and the error. */
const wrong: [what: string, args: string[], message: RegExp][] = [
  ["an unknown option", ["complete", "--fast"], /Unknown option '--fast'\n/],
  ["an option that every object has", ["complete", "--constructor"], /Unknown option '--constructor'\n/],
  ["tokens that are not numbers", ["logits", "--tokens", "1,x", "--out", "f"], /--tokens takes token ids/],
  ["a missing token", ["logits", "--tokens", "1,,2", "--out", "f"], /--tokens takes token ids .*, not “1,,2”/],
  ["a hexadecimal token", ["logits", "--tokens", "0x1", "--out", "f"], /--tokens takes token ids .*, not “0x1”/],
  ["a missing option", ["logits", "--out", "f"], /the option --tokens is required/],
  ["an unknown device", ["complete", "--device", "tpu"], /--device takes one of auto, cpu, gpu, reference/],
  ["a word instead of a number", ["bench", "--rounds", "many"], /--rounds takes a whole number, not “many”/],
  ["a hexadecimal number", ["complete", "--seed", "0x10"], /--seed takes a whole number, not “0x10”/],
  ["a number that is not finite", ["complete", "--temperature", "Infinity"], /--temperature takes a number from 0 on/],
  ["0 rounds", ["bench", "--rounds", "0"], /--rounds takes a number from 1 on/],
  ["a context of 0", ["complete", "--context", "0"], /--context takes a number from 1 on/],
  [
    "a thread too many",
    ["bench", "--threads", `${cpus().length + 1}`],
    new RegExp(`up to ${cpus().length}, the number of proc`),
  ],
  ["2000 threads", ["pretrain", "cli", "--out", "m", "--threads", "2000"], /the number of processors of this machine/],
  ["an argument of a command that takes none", ["devices", "gpu"], /unexpected argument “gpu”/],
  ["two models", ["info", "a.gguf", "b.gguf"], /unexpected argument “b.gguf”/],
  ["a second argument of an action that takes one", ["adapter", "info", "a", "b"], /unexpected argument “b”/],
  ["an action that every object has", ["adapter", "toString", "a", "b"], /adapter takes one of info, merge/],
  ["an output for a single completion", ["complete", "--out", "f"], /--out is for --batch only/],
  ["a folder as a text", ["perplexity", "cli"], /cli is a folder; expected a file/],
  ["a device as a text", ["perplexity", "/dev/zero"], /\/dev\/zero is a device; expected a file/],
  ["a device as a prefix", ["complete", "--prefix-file", "/dev/zero"], /\/dev\/zero is a device; expected a file/],
  ["a missing batch", ["complete", "--batch", "nowhere", "--out", "f"], /nowhere does not exist/],
  ["an output for a single suggestion", ["suggest", "--out", "f"], /--out is for --batch only/],
  ["a suggestion without a line", ["suggest", "--file", "README.md"], /the option --line is required/],
  [
    "a line beyond the file",
    ["suggest", "--file", "README.md", "--line", "9999", "--column", "1"],
    /README\.md has \d+ lines/,
  ],
  [
    "a column beyond the line",
    ["suggest", "--file", "README.md", "--line", "2", "--column", "2"],
    /line 2 of README\.md has 0/,
  ],
  [
    "a file as a workspace",
    ["suggest", "--workspace", "README.md", "--batch", "a", "--out", "b"],
    /README\.md is no folder/,
  ],
  ["no file to measure on", ["perplexity"], /name at least one file/],
  ["nothing to fine-tune on", ["train", "--out", "a.gguf"], /name files or folders to learn from, or --jsonl/],
  [
    "files and pairs together",
    ["train", "a", "--jsonl", "b", "--out", "a.gguf"],
    /name files or folders to learn from, or --jsonl/,
  ],
  ["an output that is not a GGUF file", ["train", "cli", "--out", "adapter"], /--out takes the name of a GGUF file/],
  ["an unknown kind of adapter", ["train", "cli", "--out", "a.gguf", "--adapter-kind", "dora"], /one of lora, loramoe/],
  ["nothing to evaluate on", ["eval"], /name at least one file or folder/],
  ["nothing to pretrain on", ["pretrain", "--out", "m.gguf"], /name at least one file or folder/],
  ["a missing text", ["pretrain", "nowhere.txt", "--out", "m.gguf"], /nowhere.txt does not exist/],
  [
    "the width of a new model for an existing one",
    ["pretrain", "cli", "--out", "a", "--from", "b", "--width", "8"],
    /--width is for new models only/,
  ],
  [
    "the same file as input and output",
    ["pretrain", "cli", "--out", "a", "--from", "./a"],
    /--out and --from name the same file/,
  ],
  ["0 steps", ["pretrain", "cli", "--out", "a", "--steps", "0"], /--steps takes a number from 1 on/],
];
for (const [what, args, message] of wrong)
  test(`${what}: the command prints the error and its usage, and ends with code 2`, async () => {
    const { code, err } = await glassbox(args);
    assert.equal(code, 2);
    assert.match(err, message);
    assert.match(err, /(^|\n)glassbox \w+: .*\nusage: glassbox .*\n$/);
  });

test("the error about an unknown command names the command that lists all", async () => {
  for (const name of ["dream", "constructor"])
    for (const asked of [[name], ["help", name]]) {
      const { code, err } = await glassbox(asked);
      assert.equal(code, 2);
      assert.equal(err, `glassbox: unknown command “${name}”; \`glassbox --help\` lists all commands\n`);
    }
});

test("a missing model, or a file that is not one, ends the command with a sentence and code 1", async () => {
  const missing = await glassbox(["info", inFolder("nothing.gguf")]);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /^glassbox info: .*nothing\.gguf does not exist\n$/);
  await writeFile(inFolder("text.gguf"), "This is no model.");
  const text = await glassbox(["complete", "--model", inFolder("text.gguf")], "a");
  assert.equal(text.code, 1);
  assert.match(text.err, /^glassbox complete: .*text\.gguf is not a GGUF file.*\n$/);
});

test("devices lists the CPU", async () => {
  const ran = await glassbox(["devices"]);
  assert.match(done(ran), /^cpu +CPU, \d+ threads/m);
  const cpu = JSON.parse(done(await glassbox(["devices", "--json"]))).find(
    ({ choice }: { choice: string }) => choice === "cpu",
  );
  assert.equal(cpu.available, true);
  assert.match(cpu.description, /^CPU, \d+ threads/);
});

test("devices prints no warnings without a Vulkan loader", async () => {
  const ran = await glassbox(["devices"], "", { LD_LIBRARY_PATH: "", VK_DRIVER_FILES: "" });
  assert.match(done(ran), /^gpu +/m);
  assert.equal(ran.err, "");
});

test("info shows metadata and tensors", async () => {
  const out = done(await glassbox(["info", fixture("llama.gguf"), "--tensors"]));
  assert.match(out, /general\.architecture = "llama"/);
  assert.match(out, /^blk\.0\.attn_q\.weight {2}f32 {2}\(64, 64\)/m);
  const { metadata, types, tensors } = JSON.parse(
    done(await glassbox(["info", fixture("llama.gguf"), "--tensors", "--json"])),
  );
  assert.equal(metadata["general.architecture"], "llama");
  assert.deepEqual(types, { f32: tensors.length });
  assert.deepEqual(
    tensors.find(({ name }: { name: string }) => name === "blk.0.attn_q.weight"),
    { name: "blk.0.attn_q.weight", type: "f32", shape: [64, 64], bytes: 64 * 64 * 4 },
  );
});

test("info shows a file with an unsupported storage type, and says why it cannot be loaded", async () => {
  const model = await readFile(fixture("llama.gguf"));
  const name = "blk.0.attn_q.weight";
  const type = model.indexOf(name) + name.length + 4 + 2 * 8;
  assert.equal(model.readUInt32LE(type), 0, "f32");
  model.writeUInt32LE(23, type);
  const other = inFolder("iq4_xs.gguf");
  await writeFile(other, model);
  const shown = done(await glassbox(["info", other, "--tensors"]));
  assert.match(shown, /^21 tensors, of unknown size$/m);
  assert.match(shown, /^blk\.0\.attn_q\.weight {2}iq4_xs {2}\(64, 64\)$/m);
  assert.match(shown, /^ {2}1 of iq4_xs$/m);
  assert.match(
    shown,
    /\nIt cannot be loaded as a model\. .*"blk\.0\.attn_q\.weight" is stored as IQ4_XS; supported are .*\n$/,
  );
  const { code, err } = await glassbox(["complete", "--model", other], "x");
  assert.equal(code, 1);
  assert.match(err, /tensor "blk\.0\.attn_q\.weight" is stored as IQ4_XS; supported are/);
});

test("info shows a GGUF file of another architecture, and says why it cannot be loaded", async () => {
  const model = await readFile(fixture("llama.gguf"));
  const at = model.indexOf("general.architecture") + "general.architecture".length + 12;
  assert.equal(model.toString("latin1", at, at + 5), "llama");
  model.write("mamba", at, "latin1");
  const other = inFolder("mamba.gguf");
  await writeFile(other, model);
  const shown = done(await glassbox(["info", other]));
  assert.match(shown, /\nIt cannot be loaded as a model\. .*the architecture "mamba" is not supported; .*\n$/);
  assert.doesNotMatch(done(await glassbox(["info", fixture("llama.gguf")])), /cannot be loaded/);
});

test("info shows a folder that cannot be loaded, and says why", async () => {
  const write = async (name: string, architecture: string, dtype: string) => {
    const folder = { at: (file: string) => inFolder(join(name, file)), path: inFolder(name) };
    await mkdir(folder.path);
    const { entries, data } = table();
    entries["model.layers.0.mlp.gate_proj.weight"].dtype = dtype;
    const config = { architectures: [architecture], text_config: { hidden_size: 8, pad_token_id: null } };
    await writeFile(folder.at("config.json"), JSON.stringify(config));
    await writeFile(folder.at("model.safetensors"), safetensors(entries, data));
    return folder.path;
  };
  const other = await write("mamba", "MambaForCausalLM", "I16");
  const shown = done(await glassbox(["info", other, "--tensors"]));
  assert.match(shown, /^12 tensors, 0\.0 MB$/m);
  assert.match(shown, /^ {2}11 of f16\n {2}1 of i16$/m);
  assert.match(shown, /^architectures = \["MambaForCausalLM"\]\ntext_config\.hidden_size = 8$/m);
  assert.match(shown, /^model\.layers\.0\.mlp\.gate_proj\.weight {2}i16 {2}\(6, 8\)$/m);
  assert.match(shown, /\nIt cannot be loaded as a model\. .*"MambaForCausalLM" is not supported; supported are .*\n$/);
  const described = JSON.parse(done(await glassbox(["info", other, "--json"])));
  assert.match(described.refusal, /"MambaForCausalLM" is not supported/);
  assert.equal(described.bytes, 2 * (32 + 8 + 64 + 8 + 32 + 32 + 64 + 8 + 48 + 48 + 48 + 8));
  const cut = join(other, "model.safetensors");
  await writeFile(cut, (await readFile(cut)).subarray(0, -1));
  assert.match((await glassbox(["info", other])).err, /model\.safetensors is cut off or damaged/);
});

test("an adapter is refused as a model, and info says what it is", async () => {
  const [gguf, peft] = ["adapter.gguf", "adapter"].map((name) => fixture(`../../load/fixtures/${name}`));
  const llama = 'a LoRA of rank 4 for a model of the architecture "llama"';
  const next = "Choose that model, and use the adapter with it";
  const shown = done(await glassbox(["info", gguf, "--tensors"]));
  assert.match(shown, /^blk\.0\.attn_q\.weight\.lora_a {2}f32 {2}\(4, 64\)$/m);
  assert.ok(
    shown.endsWith(`\nIt cannot be loaded as a model. ${gguf} is an adapter, not a model: ${llama}. ${next}\n`),
  );
  const own = "models/smollm2-135m-instruct-fill-in-middle.gguf";
  const described = JSON.parse(done(await glassbox(["info", own, "--json"])));
  const mixture = 'a LoRAMoE of rank 4 for "SmolLM2-135M-Instruct"';
  assert.equal(described.refusal, `${own} is an adapter, not a model: ${mixture}. ${next}`);
  for (const command of [
    ["info", peft],
    ["complete", "--model", peft],
    ["complete", "--model", gguf],
  ]) {
    const { code, err } = await glassbox(command, "x");
    assert.equal(code, 1);
    assert.match(err, /adapter(\.gguf)? is an adapter, not a model: a LoRA of rank 4 for /);
  }
});

test("adapter info shows an adapter of any base, without a model", async () => {
  const adapter = inFolder("peft");
  await mkdir(adapter);
  const config = { peft_type: "LORA", base_model_name_or_path: "acme/mamba-2b", r: 2, lora_alpha: 4 };
  await writeFile(join(adapter, "adapter_config.json"), JSON.stringify(config));
  const module = "base_model.model.backbone.layers.0.mixer.in_proj";
  const entries = {
    [`${module}.lora_A.weight`]: { dtype: "F32", shape: [2, 3], data_offsets: [0, 24] },
    [`${module}.lora_B.weight`]: { dtype: "F32", shape: [4, 2], data_offsets: [24, 56] },
  };
  await writeFile(join(adapter, "adapter_model.safetensors"), safetensors(entries, Buffer.alloc(56)));
  assert.deepEqual(JSON.parse(done(await glassbox(["adapter", "info", adapter]))), {
    name: "peft",
    kind: "lora",
    base: { architecture: "", name: "acme/mamba-2b", sizes: {} },
    rank: 2,
    alpha: 4,
    layers: 1,
    parameters: 14,
    metadata: {},
  });
  const own = fixture("../../load/fixtures/adapter.gguf");
  const shown = JSON.parse(done(await glassbox(["adapter", "info", own, "--model", inFolder("none.gguf")])));
  assert.equal(shown.kind, "lora");
});

test("logits that are not numbers end every command with a sentence and code 1", async () => {
  const text = inFolder("prose.txt");
  await writeFile(text, "A text of some lines.\nEach of them is short.\nThe last one is this.\n".repeat(20));
  const [tokens, out] = [inFolder("nan.logits"), inFolder("nan.gguf")];
  const adapter = fixture("../../load/fixtures/adapter.gguf");
  const broken = ["--model", fixture("llama.gguf"), "--device", "cpu", "--adapter", adapter, "--scale", "1e30"];
  for (const command of [
    ["logits", "--tokens", "1,2", "--out", tokens],
    ["complete", "--prefix-file", text],
    ["perplexity", text],
    ["eval", text],
    ["bench", "--rounds", "1", "--prefill", "4", "--decode", "4"],
    ["train", text, "--steps", "1", "--out", out],
  ]) {
    const { code, err, out: printed } = await glassbox([...command, ...broken]);
    assert.equal(code, 1, err);
    assert.match(err, /glassbox \w+: (The model computes no numbers|After step 1 the loss is NaN)/);
    assert.equal(printed, "");
  }
  for (const path of [tokens, `${tokens}.partial`, out]) assert.ok(!existsSync(path), path);
});

test("control characters in a file or its name are escaped", async () => {
  const model = await readFile(fixture("llama.gguf"));
  const at = model.indexOf("general.name") + "general.name".length + 12;
  assert.equal(model.toString("latin1", at, at + 5), "llama");
  model.write("\x1b[2J\n", at, "latin1");
  model.write("llam\u009b", model.indexOf("llama.vocab_size"), "latin1");
  const hostile = inFolder("hostile\n\x1b[31m.gguf");
  await writeFile(hostile, model);
  const ran = await glassbox(["info", hostile, "--tensors"]);
  const missing = await glassbox(["info", `${hostile}.not`]);
  const bench = await glassbox(["bench", "--model", hostile, "--prefill", "1", "--decode", "1", "--rounds", "1"]);
  for (const text of [ran.out, ran.err, missing.err, bench.out, bench.err])
    assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Cf}/u);
  assert.match(missing.err, /^glassbox info: .*hostile\\u000a\\u001b\[31m\.gguf\.not does not exist\n$/);
  assert.match(ran.out, /^general\.name = "\\u001b\[2J\\n"$/m);
  assert.match(bench.out, /^hostile\\u000a\\u001b\[31m on CPU/);
});

test("a result that cannot be printed ends the command with a sentence and code 1", async () => {
  const full = await open("/dev/full", "w");
  try {
    const { code, err } = await glassbox(["info", fixture("llama.gguf")], "", {}, full.fd);
    assert.equal(code, 1);
    assert.match(err, /the result could not be printed: the disk is full/);
  } finally {
    await full.close();
  }
});

test("tokenize prints the ids of the built-in model", async () => {
  const ids = JSON.parse(done(await glassbox(["tokenize"], "const x = 1;\n")));
  assert.ok(ids.length > 3 && ids.every(Number.isInteger));
  assert.deepEqual(JSON.parse(done(await glassbox(["tokenize", "--special"], "<|im_start|>"))), [1]);
});

for (const device of ["cpu", "gpu", "reference"])
  test(`logits on ${device} writes tokens × vocabulary`, async () => {
    const { tokens, logits } = await readJson("qwen2.json");
    const out = inFolder(`logits-${device}`);
    const model = fixture("qwen2.gguf");
    done(await glassbox(["logits", "--model", model, "--tokens", tokens.join(), "--out", out, "--device", device]));
    const ours = new Float32Array((await readFile(out)).buffer);
    assert.ok(furthestApart(ours, logits.flat()) <= 1e-4);
  });

test("logits refuses a token outside the vocabulary", async () => {
  const { code, err } = await glassbox(["logits", "--model", fixture("llama.gguf"), "--tokens", "320", "--out", "f"]);
  assert.equal(code, 2);
  assert.match(err, /token 320 does not exist; the vocabulary has 320 tokens/);
});

const prefix = "function add(a: number, b: number): number {\n  return a + b;\n}\n\nfunction multiply(a: number, b";

test("complete continues the text of a file or of stdin", async () => {
  await writeFile(inFolder("prefix.ts"), prefix);
  const fromFile = done(await glassbox(["complete", "--prefix-file", inFolder("prefix.ts"), "--max-tokens", "24"]));
  assert.match(fromFile, /^: number\): number \{\n {2}return a \* b;/);
  assert.equal(done(await glassbox(["complete", "--max-tokens", "24"], prefix)), fromFile);
});

test("complete stops at the end of a line or before a stop text, and its seed decides the sample", async () => {
  assert.equal(done(await glassbox(["complete", "--lines", "1"], prefix)), ": number): number {");
  assert.equal(done(await glassbox(["complete", "--stop", "{\n", "--stop", "return"], prefix)), ": number): number ");
  const draw = async (seed: string) =>
    done(await glassbox(["complete", "--temperature", "1.2", "--seed", seed, "--max-tokens", "16"], prefix));
  const first = await draw("1");
  assert.equal(await draw("1"), first);
  assert.notEqual(await draw("2"), first);
});

test("a batch writes one answer for each line", async () => {
  const lines = [
    { id: 1, path: "a.ts", prefix, suffix: "\n" },
    { id: "two", path: "b.py", prefix: "def add(a, b):\n    return a", suffix: "" },
  ];
  await writeFile(inFolder("in.jsonl"), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
  const out = inFolder("out.jsonl");
  done(await glassbox(["complete", "--batch", inFolder("in.jsonl"), "--out", out, "--lines", "1"]));
  const answers = (await readFile(out, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    answers.map(({ id, completion }) => ({ id, completion })),
    [
      { id: 1, completion: ": number): number {" },
      { id: "two", completion: " + b" },
    ],
  );
  assert.ok(answers.every(({ tokens, ms }) => tokens > 0 && ms >= 0));
});

const tinyModel = ["--model", fixture("llama.gguf"), "--device", "cpu", "--threads", "1"];
const tinyBatch = (path: string, out: string, ...args: string[]) =>
  glassbox(["complete", "--batch", path, "--out", out, "--max-tokens", "2", ...tinyModel, ...args]);

test("a wrong line of a batch gets an error, and the other lines are completed", async () => {
  const lines: [line: string, answer: { id: unknown; error?: RegExp }][] = [
    ['\ufeff{"id": "a", "prefix": "x"}', { id: "a" }],
    ["not json", { id: 2, error: /^line 2: this is not JSON: / }],
    ["{}", { id: 3, error: /^line 3: prefix and suffix are empty/ }],
    ["", { id: undefined }],
    ["123", { id: 5, error: /^line 5: expected \{"prefix": "…"\}, got 123$/ }],
    ["[]", { id: 6, error: /^line 6: expected \{"prefix": "…"\}, got \[\]$/ }],
    ["null", { id: 7, error: /^line 7: expected \{"prefix": "…"\}, got null$/ }],
    ['{"id": "b", "prefix": ""}', { id: "b", error: /^line 8: prefix and suffix are empty/ }],
    ['{"id": "c", "prefix": 5}', { id: "c", error: /^line 9: prefix should be a text, but is 5$/ }],
    [
      '{"id": "d", "prefix": "x", "suffix": null}',
      { id: "d", error: /^line 10: suffix should be a text, but is null$/ },
    ],
    [
      '{"id": "e", "prefix": "x", "path": ["a"]}',
      { id: "e", error: /^line 11: path should be a text, but is \["a"\]$/ },
    ],
    ['{"prefix": "x"}\r', { id: 12 }],
  ];
  await writeFile(inFolder("mixed.jsonl"), lines.map(([line]) => line).join("\n"));
  const out = inFolder("mixed.out.jsonl");
  const { code, err } = await tinyBatch(inFolder("mixed.jsonl"), out);
  assert.equal(code, 1);
  assert.match(err, /9 of 11 lines could not be completed; .*mixed\.out\.jsonl says why/);
  const answers = (await readFile(out, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const expected = lines.flatMap(([line, answer]) => (line ? [answer] : []));
  assert.equal(answers.length, expected.length);
  for (const [i, { id, error }] of expected.entries()) {
    assert.equal(answers[i].id, id);
    if (error) assert.match(answers[i].error, error);
    else assert.equal(answers[i].tokens, 2);
  }
});

test("the path of a line becomes a comment before its prefix", async () => {
  const lines = [
    { id: "path", path: "src/app.ts", prefix: "const x = 1;" },
    { id: "comment", prefix: "// src/app.ts\nconst x = 1;" },
    { id: "neither", prefix: "const x = 1;" },
  ];
  await writeFile(inFolder("paths.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
  done(await tinyBatch(inFolder("paths.jsonl"), inFolder("paths.out"), "--max-tokens", "16"));
  const [path, comment, neither] = (await readFile(inFolder("paths.out"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).completion);
  assert.equal(path, comment);
  assert.notEqual(path, neither);
});

test("an output never overwrites an input, and a run that fails leaves an old output as it was", async () => {
  const [batch, old] = [inFolder("kept.jsonl"), inFolder("old.jsonl")];
  await writeFile(batch, '{"prefix": "x"}\n');
  await writeFile(old, "old\n");
  await symlink(batch, inFolder("link.jsonl"));
  for (const out of [batch, inFolder("link.jsonl"), join(folder, ".", "..", basename(folder), "kept.jsonl")]) {
    const { code, err } = await tinyBatch(batch, out);
    assert.equal(code, 2);
    assert.match(err, /would overwrite the input/);
  }
  assert.equal((await tinyBatch(inFolder("missing.jsonl"), old)).code, 2);
  assert.equal((await tinyBatch(batch, old, "--model", inFolder("no model.gguf"))).code, 1);
  assert.equal((await tinyBatch(batch, old, "--max-tokens", "256")).code, 2);
  assert.equal(await readFile(batch, "utf8"), '{"prefix": "x"}\n');
  assert.equal(await readFile(old, "utf8"), "old\n");
});

test("--max-tokens that leave no room for a prompt are refused", async () => {
  for (const tokens of ["248", "256", "5000"]) {
    const { code, err } = await glassbox(["complete", "--max-tokens", tokens, ...tinyModel], "x");
    assert.equal(code, 2);
    assert.match(err, new RegExp(`--max-tokens ${tokens} leaves no room for a prompt; the context holds 256 tokens`));
  }
  assert.equal((await glassbox(["complete", "--max-tokens", "247", "--lines", "1", ...tinyModel], "x")).code, 0);
});

const outputs: [string, (out: string) => string[]][] = [
  ["complete", (out) => ["complete", "--batch", inFolder("one.jsonl"), "--out", out, ...tinyModel]],
  ["suggest", (out) => ["suggest", "--batch", inFolder("one.jsonl"), "--out", out, ...tinyModel]],
  ["logits", (out) => ["logits", "--tokens", "1,2", "--out", out, ...tinyModel]],
  ["train", (out) => ["train", inFolder("one.jsonl"), "--steps", "1", "--out", out, ...tinyModel]],
  ["pretrain", (out) => ["pretrain", inFolder("one.jsonl"), "--steps", "1", "--out", out, "--device", "cpu"]],
  ["adapter merge", (out) => ["adapter", "merge", inFolder("none"), out, "--model", fixture("llama.gguf")]],
  ["adapter import", (out) => ["adapter", "import", inFolder("none"), out, "--model", fixture("llama.gguf")]],
  ["adapter export", (out) => ["adapter", "export", inFolder("none"), out, "--model", fixture("llama.gguf")]],
];
for (const [command, args] of outputs)
  test(`${command} refuses an output that cannot be written before it starts`, async () => {
    await writeFile(inFolder("one.jsonl"), '{"prefix": "x"}\n');
    await mkdir(inFolder("folder.gguf"), { recursive: true });
    const cases: [string, RegExp][] = [
      [inFolder("missing/o.gguf"), /o\.gguf cannot be written: its folder does not exist/],
      [inFolder("folder.gguf"), /folder\.gguf is a folder; expected the name of a file to write/],
      [inFolder("one.jsonl/o.gguf"), /o\.gguf cannot be written: .*one\.jsonl is not a folder/],
    ];
    for (const [out, message] of cases) {
      const { code, err } = await glassbox(args(out));
      assert.ok(code === 1 || code === 2, `${code}`);
      assert.match(err, message);
      assert.doesNotMatch(err, /step|loading|\n {4}at /);
    }
  });

test("adapter export writes a new folder or an existing one, and refuses a file in its place", async () => {
  const from = fixture("../../load/fixtures/adapter.gguf");
  const exported = (out: string) => glassbox(["adapter", "export", from, out, "--model", fixture("llama.gguf")]);
  await writeFile(inFolder("taken"), "");
  const cases: [string, RegExp][] = [
    [inFolder("taken"), /taken is a file; expected the name of a folder to write/],
    [inFolder("missing/peft"), /peft cannot be written: its folder does not exist/],
  ];
  for (const [out, message] of cases) assert.match((await exported(out)).err, message);
  done(await exported(inFolder("peft")));
  done(await exported(inFolder("peft")));
});

for (const [command, args] of outputs.slice(0, 2))
  test(`${command} ends with a sentence if the disk is full`, async () => {
    await writeFile(inFolder("one.jsonl"), '{"prefix": "x"}\n');
    const { code, err } = await glassbox(args("/dev/full"));
    assert.equal(code, 1);
    assert.equal(err, `glassbox ${command}: /dev/full could not be written: the disk is full\n`);
  });

test("bench --json prints a value for each measurement", async () => {
  const sizes = ["--prefill", "16", "--decode", "4", "--rounds", "1"];
  const result = JSON.parse(done(await glassbox(["bench", "--model", fixture("llama.gguf"), "--json", ...sizes])));
  for (const key of ["prefill", "decode", "firstTokenMs", "loadMs", "deviceBytes", "residentBytes", "weightBytes"])
    assert.ok(result[key] > 0, key);
});

test("perplexity of code is lower than that of noise", async () => {
  await writeFile(inFolder("code.ts"), "for (let i = 0; i < 10; i++) {\n  console.log(i);\n}\n".repeat(4));
  await writeFile(inFolder("noise.ts"), "qzx vbk wpt hhgr jjq xxv bzz ktq plm wvx qqk zzt ".repeat(1));
  const out = done(await glassbox(["perplexity", inFolder("code.ts"), inFolder("noise.ts")]));
  const [code, noise] = [...out.matchAll(/^([\d.]+) bits\/byte {2}\d+ tokens/gm)].map(([, bits]) => Number(bits));
  assert.ok(code < 1 && noise > 2, out);
  assert.match(out, /bits\/byte {2}in total$/m);
});

const tiny = ["--vocab", "270", "--layers", "1", "--width", "32", "--heads", "1", "--context", "32", "--batch", "1"];
const brief = ["--device", "cpu", "--steps", "3"];

test("pretrain makes a model from the texts of a folder, and --from trains it further", async () => {
  const texts = inFolder("texts");
  await mkdir(join(texts, "node_modules"), { recursive: true });
  await mkdir(join(texts, ".hidden"));
  const left = ["node_modules/left.ts", ".hidden/left.ts", "binary.bin"].map((name) => join(texts, name));
  for (const path of left) await writeFile(path, "left\0");
  for (let i = 0; i < 4; i++) await writeFile(join(texts, `${i}.ts`), `export const number = ${i};\n`.repeat(20));
  const out = inFolder("new.gguf");
  const made = await glassbox(["pretrain", texts, "--out", out, ...tiny, ...brief]);
  const { parameters, steps, before, after } = JSON.parse(done(made));
  assert.deepEqual([parameters, steps], [270 * 32 + 4 * 32 * 32 + 3 * 32 * 96 + 3 * 32, 3]);
  assert.ok(after.loss < before.loss && after.bitsPerByte > 0);
  assert.match(made.err, /^4 files of 0.00 million characters; 3 left out\n/);
  assert.match(made.err, /^step 3 of 3 {2}loss [\d.]+ {2}0.0 minutes left$/m);
  assert.match(done(await glassbox(["info", out])), /general.name = "new"/);

  const further = inFolder("further.gguf");
  const again = JSON.parse(done(await glassbox(["pretrain", texts, "--from", out, "--out", further, ...brief])));
  assert.ok(Math.abs(again.before.loss - after.loss) < 0.01, "as f16");
});

test("after Ctrl+C in pretrain the same command resumes after the last step", async () => {
  const text = inFolder("corpus.txt");
  await writeFile(text, Array.from({ length: 2000 }, (_, i) => `line ${i} of a text\n`).join(""));
  const out = inFolder("cut.gguf");
  const long = ["--device", "cpu", "--threads", "1", "--steps", "5000", "--context", "64", "--batch", "8"];
  const command = ["pretrain", text, "--out", out, ...tiny.slice(0, -4), ...long];
  const first = startGlassbox(command);
  await first.until(/^step 5 /m);
  const { code, err } = await first.interrupt();
  assert.equal(code, 130, err);
  const last = [...err.matchAll(/^step (\d+) /gm)].at(-1)![1];
  const second = startGlassbox(command);
  await second.until(/resuming after step .*$/m);
  assert.match((await second.interrupt()).err, new RegExp(`, resuming after step ${last}$`, "m"));
  const other = await glassbox([...command, "--seed", "2"]);
  assert.equal(other.code, 1);
  assert.match(other.err, /cut\.gguf\.progress holds the progress of a training on other texts or with other options/);
  const restarted = startGlassbox([...command, "--seed", "2", "--restart"]);
  await restarted.until(/^step 1 of/m);
  await restarted.kill();
});
