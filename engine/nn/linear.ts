import { linear } from "../ops";
import type { Tensor } from "../tensor";
import type { Weights } from "./weights";

/** x (n, inputs) → (n, outputs), with the bias that the checkpoint may hold. */
export class Linear {
  readonly weight;
  readonly bias;
  constructor(w: Weights, name: string, inputs: number, outputs: number) {
    this.weight = w.get(`${name}.weight`, [outputs, inputs]);
    this.bias = w.has(`${name}.bias`) ? w.get(`${name}.bias`, [outputs]) : undefined;
  }
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }
}
