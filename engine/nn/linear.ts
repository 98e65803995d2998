// Linear layers: those of the checkpoint, and the adapters on them.

import type { Tensor } from "../graph/tensor";
import { add, linear } from "../ops";
import type { Observing } from "./pass";
import type { Weights } from "./weights";

/** W·x, plus a bias where the checkpoint has one, plus what adapters add: x (n, inputs) → (n, outputs). */
export class Linear {
  readonly weight;
  readonly bias;
  readonly adapters;
  constructor(w: Weights, name: string, inputs: number, outputs: number) {
    this.weight = w.get(`${name}.weight`, [outputs, inputs]);
    this.bias = w.has(`${name}.bias`) ? w.get(`${name}.bias`, [outputs]) : undefined;
    this.adapters = w.adapters(`${name}.weight`, inputs, outputs);
  }
  forward(x: Tensor, pass: Observing): Tensor {
    const y = linear(x, this.weight, this.bias);
    return this.adapters.reduce((sum, adapter) => add(sum, adapter.forward(x, pass)), y);
  }
}
