import type { Tensor } from "../graph/tensor";
import { applyAll, expectShape, type Op } from "./op";
import reduce from "./reduce.wgsl";
import wgsl from "./sample.wgsl";

/**
 * Samples a token for each row of `logits` (n, vocab): `token` (n, i32), and `logProbability` (n), the natural logarithm
 * of its probability under the softmax of the row as it is given, whatever `sampling` says. Row i is the prediction after position positions[i]
 * (i32) of `sequence` (context, 1, i32). `sampling` (8) holds, in order: temperature, top-k, top-p, min-p, repetition
 * penalty, how many of the last tokens it applies to, seed (an integer below 2^24), and one unused value.
 *
 * The repetition penalty divides positive logits and multiplies negative ones (arXiv:1909.05858). Then three filters
 * apply: top-k keeps the k most probable tokens (0: all), top-p the fewest most probable ones whose mass reaches p, min-p
 * those whose probability is at least p times the highest; tokens of equal logits are kept or dropped together. At
 * temperature 0 the most probable token is taken, the lowest id among equals. Else it is that of the highest logit /
 * temperature + Gumbel noise; the noise is a hash of (seed, position, token), so that all devices sample alike and a run
 * can be repeated. Where a logit is NaN or +∞, the token is −1 and its log-probability 0. Throws ShapeError.
 */
export function sample(logits: Tensor, sequence: Tensor, positions: Tensor, sampling: Tensor) {
  const [token, logProbability] = applyAll(sampleOp, [logits, sequence, positions, sampling], {});
  return { token, logProbability };
}

export const sampleOp: Op<Record<never, number>, { rows: number; vocab: number; context: number }> = {
  name: "sample",
  shapes([logits, sequence, positions, sampling]) {
    expectShape("sample: logits", logits, [null, null]);
    expectShape("sample: sequence", sequence, [null, 1]);
    expectShape("sample: positions", positions, [logits[0]]);
    expectShape("sample: sampling", sampling, [8]);
    return [[logits[0]], [logits[0]]];
  },
  dtypes: () => ["i32", "f32"],
  params: ([[rows, vocab], [context]]) => ({ rows, vocab, context }),
  reference([y, logProbability], [allLogits, sequence, positions, sampling], { rows, vocab }) {
    const [temperature, topK, topP, minP, penalty, window, seed] = sampling;
    for (let row = 0; row < rows; row++) {
      const logits = allLogits.slice(row * vocab, (row + 1) * vocab);
      const end = positions[row] + 1;
      for (const id of new Set(sequence.subarray(Math.max(0, end - window), end)))
        if (id >= 0 && id < vocab) logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;

      const threshold = temperature > 0 ? lowestKept(logits, topK, topP, minP) : 0;
      let best = -Infinity;
      y[row] = -1;
      if (logits.some((logit) => Number.isNaN(logit) || logit === Infinity)) continue;
      for (let id = 0; id < vocab; id++) {
        if (temperature > 0 && logits[id] < threshold) continue;
        const score = temperature > 0 ? logits[id] / temperature + gumbel(seed, positions[row], id) : logits[id];
        if (score > best) {
          best = score;
          y[row] = id;
        }
      }
      const given = allLogits.subarray(row * vocab, (row + 1) * vocab);
      logProbability[row] = given[y[row]] - logSumExp(given);
    }
  },
  gpu: ({ params }) => [{ wgsl: reduce + wgsl, workgroups: [params.rows, 1, 1] }],
  // `local` holds the logits after the penalty, their probabilities, and 2048 sums of `select`.
  cpu: ({ params: { rows, vocab } }) => [{ kernel: "sample", items: rows, grain: 1, local: 8 * vocab + 16384 }],
};

function logSumExp(logits: Float64Array): number {
  const top = logits.reduce((a, b) => Math.max(a, b));
  return top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
}

/** The lowest logit that top-k, top-p and min-p all keep. */
function lowestKept(logits: Float64Array, topK: number, topP: number, minP: number): number {
  const sorted = logits.slice().sort().reverse();
  const maxLogit = sorted[0];
  const total = sorted.reduce((sum, logit) => sum + Math.exp(logit - maxLogit), 0);
  let threshold = minP > 0 ? maxLogit + Math.log(minP) : -Infinity;
  if (topK > 0 && topK < sorted.length) threshold = Math.max(threshold, sorted[topK - 1]);
  if (topP >= 1) return threshold;
  let before = 0;
  for (const [i, logit] of sorted.entries()) {
    if (i > 0 && before >= topP * total) return Math.max(threshold, sorted[i - 1]);
    before += Math.exp(logit - maxLogit);
  }
  return threshold;
}

/** −log(−log u), u uniform in (0, 1) from a 32-bit hash (the finalizer of MurmurHash3) of the three numbers. */
function gumbel(seed: number, position: number, id: number): number {
  const hash = mix(mix(mix(seed) ^ position) ^ id);
  return -Math.log(-Math.log(((hash >>> 9) + 0.5) / 2 ** 23));
}

function mix(x: number): number {
  let h = (x + 0x9e3779b9) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
