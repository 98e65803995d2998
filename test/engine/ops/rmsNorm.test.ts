import type { Tensor } from "../../../engine/graph/tensor";
import { rmsNorm } from "../../../engine/ops";
import { checkGradient, checkOp, random } from "../check";

for (const [rows, width] of [
  [1, 1],
  [1, 576],
  [3, 37],
  [40, 66],
])
  for (const eps of [1e-5, 1]) {
    const check = () => ({
      inputs: [random(rows, width), random(width)],
      compute: (x: Tensor, gain: Tensor) => rmsNorm(x, gain, { eps }),
    });
    checkOp(`rmsNorm: ${rows} rows of ${width}, eps ${eps}`, check);
    if (width > 1 || eps === 1) checkGradient(`rmsNorm: ${rows} rows of ${width}, eps ${eps}`, check);
  }
