import { rmsNorm } from "../../../engine/ops";
import { checkOp, random } from "../check";

for (const [rows, width] of [
  [1, 1],
  [1, 576],
  [3, 37],
  [40, 66],
])
  for (const eps of [1e-5, 1])
    checkOp(`rmsNorm: ${rows} rows of ${width}, eps ${eps}`, () => ({
      inputs: [random(rows, width), random(width)],
      compute: (x, gain) => rmsNorm(x, gain, { eps }),
    }));
