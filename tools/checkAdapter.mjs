// Checks that llama.cpp and peft load Glassbox's adapters: `node tools/checkAdapter.mjs`, after `npm ci` in bench and
// pip install torch transformers peft (PYTHON names another interpreter than `python`). For tiny models and the built-in
// one, it writes a random LoRA in both formats, merges it, and prints the differences between all logits.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getLlama, LlamaLogLevel } from "../bench/node_modules/node-llama-cpp/dist/index.js";
import { bundled, root } from "./steps.mjs";

const fixtures = join(root, "test/engine/models/fixtures");
const scale = 0.7;
const folder = await mkdtemp(join(tmpdir(), "adapter-"));

const { baseOf, mergeAdapter, writeGgufAdapter, writePeftAdapter } = await bundled("engine/load/adapter/index.ts");
const { openCheckpoint } = await bundled("engine/load/index.ts");
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel: LlamaLogLevel.error });

/** Roughly normal. */
const random = (count, spread) =>
  Float32Array.from({ length: count }, () => spread * (Math.random() + Math.random() + Math.random() - 1.5) * 2);

/** A random LoRA on every linear layer, which changes the layer's output by about `strength` times the output. */
function randomAdapter(base, rank, strength) {
  const tensors = new Map();
  for (const { name, shape } of base.tensors.values()) {
    if (!/^blk\.\d+\.(attn_(q|k|v|output)|ffn_(gate|up|down))\.weight$/.test(name)) continue;
    const [outputs, inputs] = shape;
    const values = random(rank * inputs, inputs ** -0.5);
    tensors.set(`${name}.lora_a`, { shape: [rank, inputs], values });
    tensors.set(`${name}.lora_b`, { shape: [outputs, rank], values: random(outputs * rank, strength) });
  }
  return { kind: "lora", name: "random", base: baseOf(base), alpha: 2 * rank, rank, experts: 1, metadata: {}, tensors };
}

/** llama.cpp's logits (tokens, vocabulary) of a model file, with an adapter if one is given. */
async function logitsOf(modelPath, tokens, lora) {
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({
    contextSize: tokens.length + 1,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
    flashAttention: false,
    lora: lora && { adapters: [{ filePath: lora, scale }] },
  });
  const answers = await context
    .getSequence()
    .controlledEvaluate(tokens.map((token) => [token, { generateNext: { logits: true } }]));
  const rows = answers.map(({ next: { logits } }) => {
    const row = new Float32Array(logits.size);
    for (const [token, logit] of logits) row[token] = logit;
    return row;
  });
  await model.dispose();
  return rows;
}

function apart(a, b) {
  let furthest = 0;
  for (const [i, row] of a.entries())
    for (const [j, value] of row.entries()) furthest = Math.max(furthest, Math.abs(value - b[i][j]));
  return furthest.toExponential(1);
}

async function check(path, strength, peftBase) {
  const base = await openCheckpoint(path);
  const adapter = randomAdapter(base, 8, strength);
  const [gguf, peft, merged] = ["a.gguf", "peft", "merged.gguf"].map((name) => join(folder, name));
  await writeGgufAdapter(gguf, adapter);
  const report = await mergeAdapter(base, adapter, scale, merged);
  await base.close();
  const tokens = Array.from({ length: 24 }, (_, i) => 3 + ((i * 7919) % 300));
  const plain = await logitsOf(path, tokens);
  const adapted = await logitsOf(path, tokens, gguf);
  const figures = {
    "the adapter changes": apart(plain, adapted),
    "merged, in llama.cpp": apart(await logitsOf(merged, tokens), adapted),
  };
  if (peftBase) {
    await writePeftAdapter(peft, adapter, peftBase);
    await writeFile(join(folder, "tokens.json"), JSON.stringify(tokens));
    const script = [
      join(root, "tools/checkAdapter.py"),
      peft,
      String(scale),
      join(folder, "tokens.json"),
      join(folder, "logits.json"),
    ];
    execFileSync(process.env.PYTHON ?? "python", script, { stdio: "inherit" });
    figures["peft from llama.cpp"] = apart(JSON.parse(await readFile(join(folder, "logits.json"), "utf8")), adapted);
  }
  const lost = report.map((tensor) => tensor.lost);
  figures["lost by rounding, median"] = lost.sort((a, b) => a - b)[lost.length >> 1].toExponential(1);
  console.log(path.slice(root.length), figures);
}

for (const name of ["llama", "qwen2"]) await check(join(fixtures, `${name}.gguf`), 0.1, join(fixtures, name));
await check(join(fixtures, "llama-mqa.gguf"), 0.1);
for (const type of ["f16", "q8_0", "q6_k", "q4_k", "q4_1"]) await check(join(fixtures, `storage/${type}.gguf`), 0.1);
await check(join(root, "models/smollm2-135m-instruct-q4_1.gguf"), 0.03);
await rm(folder, { recursive: true });
