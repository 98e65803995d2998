import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "../../../engine/graph/tensor";
import { adamw, adamwOp, addSquares, addSquaresOp } from "../../../engine/ops";
import { assertClose, checkOp, type Input, random } from "../check";
import { normals } from "../random";

for (const [parts, ...shape] of [
  [1, 1],
  [1, 300, 70],
  [64, 5], // fewer values than parts
  [64, 7, 301],
  [13, 30000],
])
  checkOp(`addSquares: ${shape.join(" × ")} values in ${parts} parts`, () => ({
    inputs: [{ shape: [parts], values: normals(parts).map(Math.abs) }, random(...shape)],
    compute: (totals, g) => addSquares(totals, g),
  }));

/** The schedule at step t: learning rate, β1, β2, eps, weight decay, largest norm, 1 − β1^t, 1 − β2^t. */
const schedule = (t: number, rate: number): number[] => [rate, 0.9, 0.95, 1e-8, 0.1, 1.5, 1 - 0.9 ** t, 1 - 0.95 ** t];

for (const [size, parts] of [
  [1, 1],
  [7, 1],
  [9001, 64],
])
  for (const norm of [0.1, 30])
    checkOp(`adamw: two steps of ${size} values, of norm² ${norm}`, () => ({
      inputs: [
        { shape: [3, size], values: normals(3 * size).map((value, i) => (i < 2 * size ? value : value ** 2)) },
        random(size),
        { shape: [parts], values: new Float32Array(parts).fill(norm / parts) },
        ...[3, 4].map((t): Input => ({ shape: [8], values: Float32Array.from(schedule(t, 0.1)) })),
      ],
      compute: (state: Tensor, g: Tensor, squares: Tensor, third: Tensor, fourth: Tensor) =>
        adamw(adamw(state, g, squares, third), g, squares, fourth),
    }));

test("adamw: ten steps equal PyTorch's", () => {
  const p = Float64Array.of(0.5, -1, 2, 0, -0.25, ...new Array(10).fill(0));
  const q = Float64Array.of(1, 0.125, 0, 0, 0, 0);
  for (let t = 1; t <= 10; t++) {
    const gp = Float64Array.from({ length: 5 }, (_, i) => (((3 * i + t * t) % 7) - 3) / 4);
    const gq = Float64Array.from({ length: 2 }, (_, i) => (((2 * i + t) % 5) - 2) / 2);
    const [none, some, all] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)];
    addSquaresOp.reference([some], [none, gp], { parts: 1, size: 5 });
    addSquaresOp.reference([all], [some, gq], { parts: 1, size: 2 });
    const settings = Float64Array.from(schedule(t, 0.01 * Math.min(1, t / 4)));
    adamwOp.reference([p], [p, gp, all, settings], { size: 5, parts: 1 });
    adamwOp.reference([q], [q, gq, all, settings], { size: 2, parts: 1 });
  }
  assertClose(p, pytorch.p, 1e-12);
  assertClose(q, pytorch.q, 1e-12);
});

/** The results of torch.optim.AdamW in float64, with gradients clipped to a norm of 1.5. */
const pytorch = {
  p: [
    ...[0.5394620765760009, -0.9919313773405264, 2.036377359690851, -0.05389149728567365, -0.244392027686412],
    ...[-0.14414703330354903, 0.00251491487820949, -0.17982596443168328, 0.17235101961292723, -0.025758871247041147],
    ...[0.06418600838911111, 0.10038378433335945, 0.1131828212514648, 0.07420125249734268, 0.14427942437583569],
  ],
  q: [
    ...[0.9935250709236008, 0.11270370750513921, -0.014750535452524317, -0.023025133266090486],
    ...[0.20092831612411532, 0.17998097255922194],
  ],
};

test("adamw: refuses a state that is not three times the gradient's shape", () => {
  assert.throws(() => adamwOp.shapes([[2, 5], [5], [1], [8]], {}), /expected a state \(3, …\), got \(2, 5\)/);
});
