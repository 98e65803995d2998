// The table of token embeddings.

import type { Tensor } from "../graph/tensor";
import { gather } from "../ops";
import type { Weights } from "./weights";

/** The rows of a table (vocab, width) that token ids (n, i32) name: (n, width). */
export class Embedding {
  readonly table;
  constructor(w: Weights, name: string, vocab: number, width: number) {
    this.table = w.get(`${name}.weight`, [vocab, width]);
  }
  forward(ids: Tensor): Tensor {
    return gather(this.table, ids);
  }
}
