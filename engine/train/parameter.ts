// A weight that training changes. One state (3, …) holds its values and AdamW's two moments: a step updates it in place,
// and progress is saved as the states are.

import { type Shape, state, type Tensor } from "../graph/tensor";

export interface Parameter {
  name: string;
  shape: Shape;
  /** (3, …): values, first moments, second moments. */
  all: Tensor;
  /** The values, of `shape`: what the model computes with. */
  values: Tensor;
}

export function parameter(name: string, shape: Shape): Parameter {
  const all = state(`train.${name}`, [3, ...shape]);
  return { name, shape, all, values: all.rows(0, 1).reshape(...shape) };
}
