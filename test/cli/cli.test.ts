import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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

for (const command of ["devices", "info", "tokenize", "logits", "complete", "bench", "perplexity"])
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
