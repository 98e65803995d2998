import { swiglu } from "../../../engine/ops";
import { checkOp, random } from "../check";

for (const shape of [
  [1, 1],
  [3, 5],
  [1, 1536],
  [40, 130],
])
  checkOp(`swiglu: ${shape.join(" × ")}`, () => ({
    inputs: [random(...shape), random(...shape)],
    compute: (gate, up) => swiglu(gate, up),
  }));
