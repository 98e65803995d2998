import { ShapeError, type Tensor } from "../graph/tensor";
import { apply, expectShape, type Op, oneThreadEach } from "./op";
import wgsl from "./rope.wgsl";

/**
 * Rotary position embedding (arXiv:2104.09864) of x (n, heads, dim). Row i is rotated by row positions[i] of the table
 * `cosSin` (context, rotated), which holds the cosines of the pairs' angles, then their sines. The first `rotated` values
 * of a head are rotated, the rest stay. A pair is (i, i + rotated/2), or (2i, 2i + 1) where `interleaved` is 1. A
 * position past the context is rotated like the last. The gradient rotates the other way, with `inverse` 1. Throws
 * ShapeError.
 */
export const rope = (x: Tensor, cosSin: Tensor, positions: Tensor, { interleaved }: { interleaved: number }): Tensor =>
  apply(ropeOp, [x, cosSin, positions], { interleaved, inverse: 0 });

interface RopeAttrs extends Record<string, number> {
  interleaved: number;
  inverse: number;
}

interface RopeParams extends Record<string, number> {
  count: number;
  heads: number;
  dim: number;
  rotated: number;
  context: number;
  interleaved: number;
  inverse: number;
}

export const ropeOp: Op<RopeAttrs, RopeParams> = {
  name: "rope",
  shapes([x, cosSin, positions]) {
    expectShape("rope: x", x, [null, null, null]);
    expectShape("rope: positions", positions, [x[0]]);
    if (cosSin[1] % 2 || cosSin[1] > x[2])
      throw new ShapeError(
        `rope: expected an even number of rotated values, at most the head's ${x[2]}, got ${cosSin[1]}`,
      );
    return [x];
  },
  params: ([[count, heads, dim], [context, rotated]], { interleaved, inverse }) => ({
    count,
    heads,
    dim,
    rotated,
    context,
    interleaved,
    inverse,
  }),
  reference([y], [x, cosSin, positions], { count, heads, dim, rotated, context, interleaved, inverse }) {
    const half = rotated / 2;
    y.set(x);
    for (let i = 0; i < count; i++) {
      const row = Math.min(positions[i], context - 1) * rotated;
      for (let head = 0; head < heads; head++)
        for (let pair = 0; pair < half; pair++) {
          const at = (i * heads + head) * dim;
          const a = at + (interleaved ? 2 * pair : pair);
          const b = interleaved ? a + 1 : a + half;
          const cos = cosSin[row + pair];
          const sin = cosSin[row + half + pair] * (inverse ? -1 : 1);
          y[a] = x[a] * cos - x[b] * sin;
          y[b] = x[a] * sin + x[b] * cos;
        }
    }
  },
  gradient: ({ inputs: [, cosSin, positions], attrs: { interleaved, inverse } }, [g]) => [
    apply(ropeOp, [g, cosSin, positions], { interleaved, inverse: 1 - inverse }),
  ],
  gpu: ({ params: { count, heads, dim } }) => [{ wgsl, workgroups: oneThreadEach(count * heads * dim) }],
  cpu: ({ params: { count } }) => [{ kernel: "rope", items: count, grain: 8 }],
};
