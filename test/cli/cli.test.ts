import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fixture, furthestApart, readJson } from "../engine/models/open";
import { glassbox, type Ran } from "./glassbox";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-cli-"));
});
after(() => rm(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);

/** What it printed, where it went well. */
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
  "bench",
  "perplexity",
  "train",
  "eval",
  "pretrain",
])
  test(`${command} --help tells its usage`, async () => {
    const help = done(await glassbox([command, "--help"]));
    assert.match(help, new RegExp(`^usage: glassbox ${command} `));
    assert.match(done(await glassbox(["--help"])), new RegExp(`^ {2}${command} `, "m"));
  });

const wrong: [string, string[], RegExp][] = [
  ["an unknown command", ["dream"], /no command “dream”/],
  ["an unknown option", ["complete", "--fast"], /--fast/],
  ["tokens that are none", ["logits", "--tokens", "1,x", "--out", "f"], /--tokens takes token ids/],
  ["a missing option", ["logits", "--out", "f"], /--tokens is needed/],
  ["a device that is none", ["complete", "--device", "tpu"], /--device takes one of auto, cpu, gpu, reference/],
  ["a number that is none", ["bench", "--rounds", "many"], /--rounds takes a whole number/],
  ["no file", ["perplexity"], /name at least one file/],
  ["nothing to be taught", ["train", "--out", "a.gguf"], /name files or folders to learn from, or --jsonl/],
  ["both kinds", ["train", "a", "--jsonl", "b", "--out", "a.gguf"], /name files or folders to learn from, or --jsonl/],
  ["an adapter that is no GGUF", ["train", "cli", "--out", "adapter"], /--out takes the name of a GGUF file/],
  ["a kind that is none", ["train", "cli", "--out", "a.gguf", "--adapter-kind", "dora"], /one of lora, loramoe/],
  ["nothing to measure on", ["eval"], /name at least one file or folder/],
  ["nothing to learn from", ["pretrain", "--out", "m.gguf"], /name at least one file or folder/],
  ["a text that is none", ["pretrain", "nowhere.txt", "--out", "m.gguf"], /there is no nowhere.txt/],
  [
    "a new model's size for an old one",
    ["pretrain", "cli", "--out", "a", "--from", "b", "--width", "8"],
    /--width is for/,
  ],
  ["a model onto itself", ["pretrain", "cli", "--out", "a", "--from", "./a"], /--out is the model of --from itself/],
  ["no steps", ["pretrain", "cli", "--out", "a", "--steps", "0"], /--steps takes a number from 1 on/],
];
for (const [what, args, message] of wrong)
  test(`${what} is answered with the usage and exit code 2`, async () => {
    const { code, err } = await glassbox(args);
    assert.equal(code, 2);
    assert.match(err, message);
    assert.match(err, /usage: glassbox/);
  });

test("a model that is not there, or is none, is a sentence and exit code 1", async () => {
  const missing = await glassbox(["info", inFolder("nothing.gguf")]);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /nothing\.gguf/);
  await writeFile(inFolder("text.gguf"), "This is no model.");
  const text = await glassbox(["complete", "--model", inFolder("text.gguf")], "a");
  assert.equal(text.code, 1);
  assert.match(text.err, /text\.gguf/);
});

test("devices lists the CPU", async () => {
  assert.match(done(await glassbox(["devices"])), /^cpu +CPU, \d+ threads/m);
});

test("info shows metadata and tensors", async () => {
  const out = done(await glassbox(["info", fixture("llama.gguf"), "--tensors"]));
  assert.match(out, /general\.architecture = "llama"/);
  assert.match(out, /^blk\.0\.attn_q\.weight {2}f32 {2}\(64, 64\)/m);
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

test("logits refuses a token that the model does not have", async () => {
  const { code, err } = await glassbox(["logits", "--model", fixture("llama.gguf"), "--tokens", "320", "--out", "f"]);
  assert.equal(code, 2);
  assert.match(err, /there is no token 320; the vocabulary has 320/);
});

const prefix = "function add(a: number, b: number): number {\n  return a + b;\n}\n\nfunction multiply(a: number, b";

test("complete goes on where the text ends, from a file and from stdin alike", async () => {
  await writeFile(inFolder("prefix.ts"), prefix);
  const fromFile = done(await glassbox(["complete", "--prefix-file", inFolder("prefix.ts"), "--max-tokens", "24"]));
  assert.match(fromFile, /^: number\): number \{\n {2}return a \* b;/);
  assert.equal(done(await glassbox(["complete", "--max-tokens", "24"], prefix)), fromFile);
});

test("complete ends with the line, before a stop text, and draws by its seed", async () => {
  assert.equal(done(await glassbox(["complete", "--lines", "1"], prefix)), ": number): number {");
  assert.equal(done(await glassbox(["complete", "--stop", "{\n", "--stop", "return"], prefix)), ": number): number ");
  const draw = async (seed: string) =>
    done(await glassbox(["complete", "--temperature", "1.2", "--seed", seed, "--max-tokens", "16"], prefix));
  const first = await draw("1");
  assert.equal(await draw("1"), first);
  assert.notEqual(await draw("2"), first);
});

test("a batch gives a line for each of its lines", async () => {
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
  await writeFile(inFolder("bad.jsonl"), "not json\n");
  const bad = await glassbox(["complete", "--batch", inFolder("bad.jsonl"), "--out", out, "--max-tokens", "1"]);
  assert.equal(bad.code, 2);
  assert.match(bad.err, /line 1 of the batch is not JSON/);
});

test("bench measures what it says", async () => {
  const sizes = ["--prefill", "16", "--decode", "4", "--rounds", "1"];
  const result = JSON.parse(done(await glassbox(["bench", "--model", fixture("llama.gguf"), "--json", ...sizes])));
  for (const key of ["prefill", "decode", "firstTokenMs", "loadMs", "deviceBytes", "residentBytes", "weightBytes"])
    assert.ok(result[key] > 0, key);
});

test("perplexity is bits a byte: code costs less than noise", async () => {
  await writeFile(inFolder("code.ts"), "for (let i = 0; i < 10; i++) {\n  console.log(i);\n}\n".repeat(4));
  await writeFile(inFolder("noise.ts"), "qzx vbk wpt hhgr jjq xxv bzz ktq plm wvx qqk zzt ".repeat(1));
  const out = done(await glassbox(["perplexity", inFolder("code.ts"), inFolder("noise.ts")]));
  const [code, noise] = [...out.matchAll(/^([\d.]+) bits\/byte {2}\d+ tokens/gm)].map(([, bits]) => Number(bits));
  assert.ok(code < 1 && noise > 2, out);
  assert.match(out, /in all/);
});

const tiny = ["--vocab", "270", "--layers", "1", "--width", "32", "--heads", "1", "--context", "32", "--batch", "1"];
const brief = ["--device", "cpu", "--steps", "3"];

test("pretrain makes a model of a folder's texts, and goes on with it", async () => {
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
  assert.match(made.err, /^4 files of 0.00 million characters; 1 left out\n/);
  assert.match(made.err, /^step 3 of 3 {2}loss [\d.]+ {2}0.0 minutes left$/m);
  assert.match(done(await glassbox(["info", out])), /general.name = "new"/);

  const further = inFolder("further.gguf");
  const again = JSON.parse(done(await glassbox(["pretrain", texts, "--from", out, "--out", further, ...brief])));
  assert.ok(Math.abs(again.before.loss - after.loss) < 0.01, "as f16");
  const cut = await glassbox(["pretrain", texts, "--from", out, "--out", further, "--resume", ...brief]);
  assert.equal(cut.code, 1);
  assert.match(cut.err, /further.gguf.progress is not there/);
});
