import { add, advance, indexCopy, mul, scale, swiglu, swigluGateGradient } from "../../../engine/ops";
import { checkGradient, checkOp, integers, random } from "../check";

for (const shape of [
  [1, 1],
  [3, 5],
  [1, 1536],
  [40, 1000],
]) {
  checkOp(`add: ${shape.join(" × ")}`, () => ({ inputs: [random(...shape), random(...shape)], compute: add }));
  checkOp(`mul: ${shape.join(" × ")}`, () => ({ inputs: [random(...shape), random(...shape)], compute: mul }));
  checkOp(`scale: ${shape.join(" × ")}`, () => ({
    inputs: [random(...shape)],
    compute: (x) => scale(x, { by: -0.3 }),
  }));
  checkOp(`swiglu: ${shape.join(" × ")}`, () => ({ inputs: [random(...shape), random(...shape)], compute: swiglu }));
  checkOp(`swigluGateGradient: ${shape.join(" × ")}`, () => ({
    inputs: [random(...shape), random(...shape), random(...shape)],
    compute: swigluGateGradient,
  }));
}

for (const shape of [
  [1, 1],
  [7, 301],
]) {
  for (const op of [add, mul, swiglu])
    checkGradient(`${op.name}: ${shape.join(" × ")}`, () => ({
      inputs: [random(...shape), random(...shape)],
      compute: op,
    }));
  checkGradient(`scale: ${shape.join(" × ")}`, () => ({
    inputs: [random(...shape)],
    compute: (x) => scale(x, { by: -0.3 }),
  }));
}

checkOp("swiglu: far from zero", () => ({
  inputs: [
    { shape: [1, 6], values: Float32Array.of(-1000, -88, -20, 20, 88, 1000) },
    { shape: [1, 6], values: Float32Array.of(1, 1, 1e6, 1, 1, 1) },
  ],
  compute: swiglu,
}));

checkOp("swigluGateGradient: far from zero", () => ({
  inputs: [
    { shape: [1, 6], values: Float32Array.of(-1000, -88, -20, 20, 88, 1000) },
    { shape: [1, 6], values: Float32Array.of(1, 1, 1e6, 1, 1, 1) },
    { shape: [1, 6], values: Float32Array.of(1, -1, 1, 1, -1, 1) },
  ],
  compute: swigluGateGradient,
}));

checkOp("advance", () => ({ inputs: [integers([3, -1, 700, 0, 9])], compute: advance }));

checkOp("indexCopy: rows go to their places, and those outside are dropped", () => ({
  inputs: [random(7, 3, 5), random(4, 3, 5), integers([6, 0, 7, -1])],
  compute: indexCopy,
}));

checkGradient("indexCopy: rows go to their places, and those outside are dropped", () => ({
  inputs: [random(7, 3, 5), random(4, 3, 5), integers([6, 0, 7, -1])],
  compute: indexCopy,
  of: [1],
}));

checkOp("indexCopy: integers, more than a thread takes at once", () => ({
  inputs: [
    integers(
      Array.from({ length: 100 }, (_, i) => -i),
      100,
      1,
    ),
    integers(
      Array.from({ length: 40 }, (_, i) => i),
      40,
      1,
    ),
    integers(Array.from({ length: 40 }, (_, i) => (i * 7) % 100)),
  ],
  compute: indexCopy,
}));
