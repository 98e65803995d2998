import assert from "node:assert/strict";
import { test } from "node:test";
import { createReferenceDevice } from "../../../engine/device/reference/reference";
import { gradients } from "../../../engine/graph/autograd";
import { plan } from "../../../engine/graph/plan";
import { type Shape, state, type Tensor } from "../../../engine/graph/tensor";
import { add, advance, gelu, geluTanh, indexCopy, mul, relu, scale, silu, swiglu } from "../../../engine/ops";
import { compile, parse } from "../../../engine/ops/formula";
import { checkGradient, checkOp, type Input, integers, random, randomF16 } from "../check";
import { normals } from "../random";

const scaled = (x: Tensor) => scale(x, { by: -0.3 });

/** Values that are not near 0, where relu has no derivative. */
const awayFromZero = (...shape: number[]): Input => ({
  shape,
  values: normals(shape[0] * shape[1]).map((x) => x + 0.2 * Math.sign(x)),
});

for (const shape of [
  [1, 1],
  [3, 5],
  [1, 1536],
  [40, 1000],
]) {
  for (const op of [add, mul, swiglu])
    checkOp(`${op.name}: ${shape.join(" × ")}`, () => ({
      inputs: [random(...shape), random(...shape)],
      compute: op,
    }));
  for (const op of [scaled, relu, silu, gelu, geluTanh])
    checkOp(`${op.name}: ${shape.join(" × ")}`, () => ({ inputs: [random(...shape)], compute: op }));
}

for (const shape of [
  [3, 7],
  [7, 301],
]) {
  for (const op of [add, mul, swiglu])
    checkGradient(`${op.name}: ${shape.join(" × ")}`, () => ({
      inputs: [random(...shape), random(...shape)],
      compute: op,
    }));
  for (const op of [scaled, relu, silu, gelu, geluTanh])
    checkGradient(`${op.name}: ${shape.join(" × ")}`, () => ({ inputs: [awayFromZero(...shape)], compute: op }));
}

const far = { shape: [1, 6], values: Float32Array.of(-1000, -88, -20, 20, 88, 1000) };
const factors = { shape: [1, 6], values: Float32Array.of(1, 1, 1e6, 1, 1, 1) };
checkOp("swiglu: far from zero", () => ({ inputs: [far, factors], compute: swiglu }));
for (const op of [relu, silu, gelu, geluTanh])
  checkOp(`${op.name}: far from zero`, () => ({ inputs: [far], compute: op }));
const gradientOf = (op: (x: Tensor) => Tensor) => (x: Tensor, g: Tensor) => gradients(mul(op(x), g), [x]);
for (const op of [(x: Tensor) => swiglu(x, x), relu, silu, gelu, geluTanh])
  checkOp(`${op.name || "swiglu"}: gradient far from zero`, () => ({
    inputs: [far, factors],
    compute: gradientOf(op),
  }));

test("activations: the values at 1 and −2 follow the definitions", async () => {
  const device = createReferenceDevice();
  const x = state("x", [2]);
  const known = {
    relu: [1, 0],
    silu: [1 / (1 + Math.exp(-1)), -2 / (1 + Math.exp(2))],
    gelu: [0.8413447460685429, -2 * 0.02275013194817921], // x times the normal distribution's table
    geluTanh: [1, -2].map((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
  };
  const prepared = await device.prepare(plan({ relu: relu(x), silu: silu(x), gelu: gelu(x), geluTanh: geluTanh(x) }));
  device.write("x", Float32Array.of(1, -2));
  await prepared.run();
  for (const [name, values] of Object.entries(known))
    assert.deepEqual(await prepared.read(name as keyof typeof known), Float32Array.from(values), name);
});

test("formula: an invalid formula is refused, and the error says what is wrong", () => {
  const computed = (text: string, names: string[], values: number[]) => compile(parse(text, names), names)(values);
  assert.equal(computed("a - b - c * -2 / (b + 1)", ["a", "b", "c"], [1, 3, 8]), 2);
  assert.equal(computed("s = max(a, 2); t = s * s; t + s", ["a"], [-1]), 6);
  for (const [text, message] of [
    ["a + c", /expected a known name or a number, got c/],
    ["a +", /expected a known name or a number, got the end/],
    ["tan(a)", /there is no function tan/],
    ["(a", /expected \), got the end/],
    ["a a", /expected the end, got a/],
    ["s = a s", /expected ;, got s/],
  ] as const)
    assert.throws(() => parse(text, ["a"]), message);
});

test("elementwise ops refuse inputs of different shapes, which the error names", () => {
  const of = (shape: Shape) => state(shape.join(), shape);
  assert.throws(() => swiglu(of([2, 3]), of([3, 2])), /swiglu: up: expected shape \(2, 3\), got \(3, 2\)/);
});

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

for (const [on, tolerance] of [
  ["webgpu", 0],
  ["wasm", 4e-4], // integers of 14 bits with a scale for each row
] as const)
  checkOp(`indexCopy: ${on}, into f16`, () => ({
    inputs: [
      randomF16(9, 3, 6),
      { shape: [5, 3, 6], values: normals(90).map((value, i) => value * 10 ** ((Math.floor(i / 6) % 5) - 3)) },
      integers([8, 0, 9, -1, 3]),
    ],
    compute: indexCopy,
    on,
    tolerance,
  }));
