// Compares the built-in model's predictions with the peer's, after each of 2,000 tokens of real code. Both round activations.
// To tell what rounding alone does, the peer is also compared with another of its builds, which adds in another order, and
// both sides with the peer on weights dequantized to F32, where nothing is rounded.

import { type FileHandle, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDecoded } from "./decoded";
import { builtIn, cache, ours, peer, peerOfAnotherBuild } from "./run";

const tokensFile = "bench/fixtures/code.json";

/** How many of the peer's most likely tokens are compared one by one; the rest counts as one. */
const likely = 1024;

export interface Agreement {
  sameTop: number;
  /** Mean Kullback–Leibler divergence from the peer, in nats. */
  divergence: number;
}

/** A model's prediction at one position. */
interface Prediction {
  top: number;
  /** Log-probability by token, of those that are compared. */
  logProbs: Map<number, number>;
}

export interface Accuracy {
  tokens: number;
  /** With the peer on the same file. */
  ours: Agreement;
  anotherBuild: Agreement;
  /** With the peer on the decoded weights. */
  oursDecoded: Agreement;
  oursUnrounded: Agreement;
  peerUnrounded: Agreement;
}

export async function accuracy(): Promise<Accuracy> {
  await mkdir(cache, { recursive: true });
  const tokens: number[] = JSON.parse(await readFile(tokensFile, "utf8"));
  const names = ["peer.bin", "another.bin", "unrounded.bin", "ours.bin", "unrounded.gguf"];
  const [said, saidElsewhere, saidUnrounded, logits, decoded] = names.map((name) => join(cache, name));

  await peer(["likely", builtIn, tokensFile, String(likely), said]);
  const reference = await readLikely(said);
  await peer(["likely", builtIn, tokensFile, String(likely), saidElsewhere], await peerOfAnotherBuild());
  const write = (model: string) =>
    ours("logits", "--cache", "f16", "--model", model, "--tokens", tokens.join(), "--out", logits);
  await write(builtIn);
  await writeDecoded(builtIn, decoded);
  await peer(["likely", decoded, tokensFile, String(likely), saidUnrounded]);
  const unrounded = await readLikely(saidUnrounded);
  const result = {
    tokens: tokens.length,
    ours: agreement(reference, await readLogits(logits, reference)),
    anotherBuild: agreement(reference, await readLikely(saidElsewhere)),
    oursUnrounded: agreement(unrounded, await readLogits(logits, unrounded)),
    peerUnrounded: agreement(unrounded, reference),
    oursDecoded: await write(decoded).then(async () => agreement(unrounded, await readLogits(logits, unrounded))),
  };
  await Promise.all([said, saidElsewhere, saidUnrounded, logits, decoded].map((path) => rm(path)));
  return result;
}

function agreement(reference: Prediction[], other: Prediction[]): Agreement {
  const same = reference.filter(({ top }, i) => top === other[i].top).length;
  const divergences = reference.map((prediction, i) => divergence(prediction.logProbs, other[i].logProbs));
  return {
    sameTop: same / reference.length,
    divergence: divergences.reduce((sum, one) => sum + one, 0) / reference.length,
  };
}

function divergence(p: Map<number, number>, q: Map<number, number>): number {
  let [sum, restOfP, restOfQ] = [0, 1, 1];
  for (const [token, logP] of p) {
    const logQ = q.get(token);
    if (logQ === undefined) continue;
    sum += Math.exp(logP) * (logP - logQ);
    restOfP -= Math.exp(logP);
    restOfQ -= Math.exp(logQ);
  }
  const floor = 1e-9;
  return sum + Math.max(restOfP, floor) * Math.log(Math.max(restOfP, floor) / Math.max(restOfQ, floor));
}

/** As the peer writes them: ids, logits, logsumexp. */
async function readLikely(path: string): Promise<Prediction[]> {
  const { buffer } = await readFile(path);
  const [ids, values] = [new Int32Array(buffer), new Float32Array(buffer)];
  const stride = 2 * likely + 1;
  return Array.from({ length: ids.length / stride }, (_, position) => {
    const row = position * stride;
    const total = values[row + 2 * likely];
    const logProbs = new Map<number, number>();
    for (let i = row; i < row + likely; i++) logProbs.set(ids[i], values[i + likely] - total);
    return { top: ids[row], logProbs };
  });
}

/** Raw f32 (tokens, vocabulary), read row by row; of each, the tokens that the reference holds. */
async function readLogits(path: string, reference: Prediction[]): Promise<Prediction[]> {
  const file = await open(path);
  const rowBytes = (await file.stat()).size / reference.length;
  const predictions: Prediction[] = [];
  for (const { logProbs } of reference) predictions.push(predict(await readRow(file, rowBytes), logProbs));
  await file.close();
  return predictions;
}

async function readRow(file: FileHandle, bytes: number): Promise<Float32Array> {
  const row = new Float32Array(bytes / 4);
  const { bytesRead } = await file.read(row);
  if (bytesRead !== bytes) throw new Error(`logits: a row of ${bytes} bytes was expected, ${bytesRead} came`);
  return row;
}

function predict(row: Float32Array, wanted: Map<number, number>): Prediction {
  const max = row.reduce((a, b) => Math.max(a, b));
  const total = max + Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - max), 0));
  return { top: row.indexOf(max), logProbs: new Map([...wanted.keys()].map((token) => [token, row[token] - total])) };
}
