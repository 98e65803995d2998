// Runs llama.cpp, the peer, in a process of its own, which prints one line of JSON or writes logits to a file.
//   node bench/dist/peer.js speed MODEL THREADS [DEPTH]        with DEPTH tokens in the cache before
//   node bench/dist/peer.js tokenize MODEL TEXT
//   node bench/dist/peer.js likely MODEL TOKENS.json COUNT OUT     after each token, little-endian: the COUNT most likely
//                                                                  next ids (i32), their logits (f32), logsumexp (f32)
// Start it with UV_THREADPOOL_SIZE=1: with Node's default its decoding on 2 threads takes three times as long.

import { open, readFile } from "node:fs/promises";
import { getLlama, type LlamaContextSequence, LlamaLogLevel, type Token } from "node-llama-cpp";

const decodedTokens = 128;
const promptTokens = 512;

async function sequenceOf(model: string, threads: number, contextSize: number, exact: boolean) {
  const llama = await getLlama({
    gpu: false,
    build: "never",
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
    maxThreads: threads,
  });
  const loaded = await llama.loadModel({ modelPath: model });
  const context = await loaded.createContext({
    contextSize,
    batchSize: promptTokens,
    threads: { ideal: threads, min: threads },
    ...(exact && { experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32", flashAttention: false }),
  });
  return context.getSequence();
}

/**
 * Tokens a second of reading a prompt at once, behind `depth` tokens, and of greedy decoding after it, or, where a depth is
 * given, in its place. A short round before warms up.
 */
async function speed(model: string, threads: number, depth?: number) {
  const sequence = await sequenceOf(model, threads, (depth ?? 0) + 2 * promptTokens, false);
  const tokens = Array.from({ length: (depth ?? 0) + promptTokens }, (_, i) => ((i * 7919) % 30000) as Token);
  await decode(sequence, tokens.slice(0, 32), 8);
  await sequence.clearHistory();

  if (depth) await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, depth));
  const start = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(depth ?? 0));
  const prefilled = performance.now();
  if (depth) await sequence.eraseContextTokenRanges([{ start: depth, end: depth + promptTokens }]);
  const erased = performance.now();
  await decode(sequence, [tokens[0]], decodedTokens);
  const decoded = performance.now();
  return {
    prefill: (1000 * promptTokens) / (prefilled - start),
    decode: (1000 * decodedTokens) / (decoded - erased),
  };
}

async function decode(sequence: LlamaContextSequence, prompt: Token[], count: number) {
  let seen = 0;
  for await (const _ of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true }))
    if (++seen === count) return;
}

async function tokenize(model: string, text: string) {
  const sequence = await sequenceOf(model, 1, 8, false);
  return sequence.model.tokenize(text);
}

async function likely(model: string, tokens: Token[], count: number, out: string) {
  const sequence = await sequenceOf(model, 2, tokens.length + 1, true);
  const filter = { tokens: [], includeTop: count };
  const answers = await sequence.controlledEvaluate(
    tokens.map((token) => [token, { generateNext: { logits: { filter }, totalLogitWeight: true } }]),
  );
  const file = await open(out, "w");
  for (const answer of answers) {
    const { logits, totalLogitWeight } = answer!.next;
    const values = [...logits!.values()];
    await file.write(Int32Array.from(logits!.keys()));
    await file.write(Float32Array.of(...values, values[0] + Math.log(totalLogitWeight!)));
  }
  await file.close();
}

const [command, model, ...rest] = process.argv.slice(2);
if (command === "speed")
  console.log(JSON.stringify(await speed(model, Number(rest[0]), rest[1] ? Number(rest[1]) : undefined)));
else if (command === "tokenize") console.log(JSON.stringify(await tokenize(model, await readFile(rest[0], "utf8"))));
else await likely(model, JSON.parse(await readFile(rest[0], "utf8")), Number(rest[1]), rest[2]);
process.exit(0);
