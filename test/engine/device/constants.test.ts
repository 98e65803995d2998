// Integer constants as gather's ids and as its table.

import { constant, range } from "../../../engine/graph/tensor";
import { gather } from "../../../engine/ops";
import { checkOp, integers, random } from "../check";

checkOp("gather by counted ids", () => ({ inputs: [random(6, 8)], compute: (table) => gather(table, range(0, 5)) }));

checkOp("gather from a table of whole numbers", () => ({
  inputs: [integers([4, 0, 5, 5])],
  compute: (ids) => gather(range(0, 6).reshape(6, 1), ids),
}));

checkOp("gather from a constant table", () => ({
  inputs: [integers([2, 0])],
  compute: (ids) =>
    gather(
      constant("halves", [3, 2], () => Float32Array.of(0, 0.5, 1, 1.5, 2, 2.5)),
      ids,
    ),
}));
