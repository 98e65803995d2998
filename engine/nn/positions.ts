// The angles of rotary position embeddings (arXiv:2104.09864), and how models stretch them past their trained context.

import { constant, type Tensor } from "../graph/tensor";

export interface RopeConfig {
  base: number;
  /** How many values of a head are rotated: the first ones. */
  rotated: number;
  /** Whether the values of a pair are neighbours, (2i, 2i + 1), or half the rotated values apart, (i, i + rotated/2). */
  interleaved: boolean;
  scaling?: RopeScaling;
}

export type RopeScaling =
  /** Positions are divided by `factor` (arXiv:2306.15595). */
  | { kind: "linear"; factor: number }
  /** Each pair's angle is divided by its own number: Llama 3's scheme, whose numbers the checkpoint holds. */
  | { kind: "factors"; factors: Float32Array }
  /** YaRN (arXiv:2309.00071): slow pairs are stretched, fast pairs are kept, and `mscale` multiplies queries and keys. */
  | { kind: "yarn"; factor: number; trainedContext: number; betaFast: number; betaSlow: number; mscale: number };

/** (context, rotated): in the row of a position the cosines of its pairs' angles, then their sines. */
export function cosSinTable(context: number, rope: RopeConfig): Tensor {
  const half = rope.rotated / 2;
  return constant(`rope.${JSON.stringify({ context, ...rope })}`, [context, rope.rotated], () => {
    const frequencies = pairFrequencies(rope);
    const magnitude = rope.scaling?.kind === "yarn" ? rope.scaling.mscale : 1;
    const table = new Float32Array(context * rope.rotated);
    for (let position = 0; position < context; position++)
      for (let pair = 0; pair < half; pair++) {
        const angle = position * frequencies[pair];
        table[position * rope.rotated + pair] = Math.cos(angle) * magnitude;
        table[position * rope.rotated + half + pair] = Math.sin(angle) * magnitude;
      }
    return table;
  });
}

/** Radians per position, for each pair. */
function pairFrequencies({ base, rotated, scaling }: RopeConfig): number[] {
  const plain = Array.from({ length: rotated / 2 }, (_, pair) => base ** ((-2 * pair) / rotated));
  if (!scaling) return plain;
  if (scaling.kind === "linear") return plain.map((frequency) => frequency / scaling.factor);
  if (scaling.kind === "factors") return plain.map((frequency, pair) => frequency / scaling.factors[pair]);

  /** The pair that makes so many full rotations over the trained context. */
  const pairOf = (rotations: number) =>
    (rotated * Math.log(scaling.trainedContext / (rotations * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(0, Math.floor(pairOf(scaling.betaFast)));
  const high = Math.min(rotated - 1, Math.ceil(pairOf(scaling.betaSlow)));
  return plain.map((frequency, pair) => {
    const stretched = Math.min(1, Math.max(0, (pair - low) / Math.max(0.001, high - low)));
    return (frequency / scaling.factor) * stretched + frequency * (1 - stretched);
  });
}
