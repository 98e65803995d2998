import type { Tensor } from "../../../engine/graph/tensor";
import { rope } from "../../../engine/ops";
import { checkGradient, checkOp, integers, random } from "../check";
import { integer } from "../random";

for (const interleaved of [0, 1])
  for (const [count, heads, dim, rotated] of [
    [1, 1, 2, 2],
    [1, 9, 64, 64],
    [5, 3, 20, 12],
    [40, 2, 17, 10],
  ]) {
    const what = `rope: ${count} tokens, ${heads} heads of ${dim}, ${rotated} turned${interleaved ? ", interleaved" : ""}`;
    const check = () => ({
      inputs: [
        random(count, heads, dim),
        random(50, rotated),
        integers(Array.from({ length: count }, () => integer(0, 60))), // some lie past the context
      ],
      compute: (x: Tensor, cosSin: Tensor, positions: Tensor) => rope(x, cosSin, positions, { interleaved }),
      of: [0],
    });
    checkOp(what, check);
    checkGradient(what, check);
  }
