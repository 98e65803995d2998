import type { Tensor } from "../../../engine/graph/tensor";
import { groupDots, indexAdd, repeatRows, scaleGroups, softmax, softmaxGradient, sumRows } from "../../../engine/ops";
import { checkGradient, checkOp, integers, random } from "../check";
import { integer } from "../random";

for (const [rows, width] of [
  [1, 1],
  [7, 37],
  [130, 301],
]) {
  const sum = () => ({ inputs: [random(rows, width)], compute: sumRows });
  checkOp(`sumRows: ${rows} × ${width}`, sum);
  checkGradient(`sumRows: ${rows} × ${width}`, sum);

  const repeat = () => ({ inputs: [random(width)], compute: (x: Tensor) => repeatRows(x, { rows }) });
  checkOp(`repeatRows: ${rows} × ${width}`, repeat);
  checkGradient(`repeatRows: ${rows} × ${width}`, repeat);
}

for (const [count, rows, width] of [
  [1, 1, 1],
  [9, 5, 37],
  [70, 1100, 6], // more rows than a thread takes at once
  [2100, 3, 2], // more ids than a workgroup looks at at once
]) {
  const check = () => ({
    inputs: [random(count, width), integers(Array.from({ length: count }, (_, i) => (i ? integer(-1, rows) : 0)))],
    compute: (x: Tensor, ids: Tensor) => indexAdd(x, ids, { rows }),
  });
  checkOp(`indexAdd: ${count} rows of ${width} into ${rows}`, check);
  checkGradient(`indexAdd: ${count} rows of ${width} into ${rows}`, check);
}

for (const [rows, width] of [
  [1, 1],
  [1, 4],
  [130, 7],
  [3, 1001],
]) {
  const check = () => ({ inputs: [random(rows, width)], compute: softmax });
  checkOp(`softmax: ${rows} × ${width}`, check);
  if (width > 1) checkGradient(`softmax: ${rows} × ${width}`, check); // one value alone is always 1
  checkOp(`softmaxGradient: ${rows} × ${width}`, () => ({
    inputs: [random(rows, width), random(rows, width)],
    compute: softmaxGradient,
  }));
}

checkOp("softmax: far apart", () => ({
  inputs: [{ shape: [2, 3], values: Float32Array.of(1000, 1001, -1000, -3000, -3001, -3080) }],
  compute: softmax,
}));

for (const [rows, groups, rank] of [
  [1, 1, 1],
  [5, 3, 7],
  [1100, 8, 4],
]) {
  const mix = () => ({ inputs: [random(rows, groups * rank), random(rows, groups)], compute: scaleGroups });
  checkOp(`scaleGroups: ${rows} rows of ${groups} × ${rank}`, mix);
  checkGradient(`scaleGroups: ${rows} rows of ${groups} × ${rank}`, mix);

  const dots = () => ({
    inputs: [random(rows, groups * rank), random(rows, groups * rank)],
    compute: (a: Tensor, b: Tensor) => groupDots(a, b, { groups }),
  });
  checkOp(`groupDots: ${rows} rows of ${groups} × ${rank}`, dots);
  checkGradient(`groupDots: ${rows} rows of ${groups} × ${rank}`, dots);
}
