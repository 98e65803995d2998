import type { Tensor } from "../graph/tensor";
import { rmsNorm } from "../ops";
import type { Weights } from "./weights";

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
