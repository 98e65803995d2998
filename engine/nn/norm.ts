// Norms of rows.

import type { Tensor } from "../graph/tensor";
import { rmsNorm } from "../ops";
import type { Weights } from "./weights";

/** Root mean square norm (arXiv:1910.07467) of the rows of x (n, width): (n, width). Weight: `name`. */
export class RmsNorm {
  readonly gain;
  constructor(
    w: Weights,
    name: string,
    width: number,
    readonly eps: number,
  ) {
    this.gain = w.get(`${name}.weight`, [width]);
  }
  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.gain, { eps: this.eps });
  }
}
