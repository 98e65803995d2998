// Elementwise ops. Each is a formula, of which the build makes its CPU kernel and this file its shader, and a gradient.

import { sizeOf, type Tensor } from "../graph/tensor";
import wgsl from "./elementwise.wgsl";
import { compile, type Formula, parse, toWgsl } from "./formula";
import { type Attrs, apply, expectShape, type Op, oneThreadEach } from "./op";

/** An op's name, the names of its inputs and attrs, and the formula of a value. */
export interface Elementwise {
  name: string;
  operands: readonly string[];
  scalars: readonly string[];
  formula: Formula;
}

/** All ops of this file: tools/kernels.mjs makes a CPU kernel of each. */
export const elementwiseOps: Elementwise[] = [];

type Gradient<A extends Attrs> = (inputs: readonly Tensor[], g: Tensor, attrs: A) => readonly Tensor[];

/** Declares an op. Its inputs must have the same shape, which its output has as well; else it throws ShapeError. */
function elementwise<A extends Attrs = Record<never, number>>(
  name: string,
  operands: readonly string[],
  text: string,
  gradient?: Gradient<A>,
  scalars: readonly (string & keyof A)[] = [],
): Op<A> {
  const names = [...operands, ...scalars];
  const formula = parse(text, names);
  const compute = compile(formula, names);
  elementwiseOps.push({ name, operands, scalars, formula });
  return {
    name,
    shapes([shape, ...others]) {
      for (const [i, other] of others.entries()) expectShape(`${name}: ${operands[i + 1]}`, other, shape);
      return [shape];
    },
    params: ([shape], attrs) => ({ size: sizeOf(shape), ...attrs }),
    reference([y], inputs, { size, ...attrs }) {
      const values = [...operands.map(() => 0), ...scalars.map((name) => (attrs as Attrs)[name])];
      for (let i = 0; i < size; i++) {
        for (let n = 0; n < operands.length; n++) values[n] = inputs[n][i];
        y[i] = compute(values);
      }
    },
    gradient: gradient && (({ inputs, attrs }, [g]) => gradient(inputs, g, attrs)),
    gpu: ({ params }) => [{ wgsl: shader(operands, scalars, formula), workgroups: oneThreadEach(params.size) }],
    cpu: ({ params: { size } }) => [{ kernel: name, items: size, grain: 8192 }],
  };
}

function shader(operands: readonly string[], scalars: readonly string[], formula: Formula): string {
  const buffers = [...operands.map((name) => `read> ${name}Values`), "read_write> y"].map(
    (buffer, i) => `@group(0) @binding(${i + 1}) var<storage, ${buffer}: array<f32>;\n`,
  );
  const names = [
    ...operands.map((name) => `  let ${name} = ${name}Values[i];\n`),
    ...scalars.map((name) => `  let ${name} = p.${name};\n`),
  ];
  return `struct Params { ${["size: u32", ...scalars.map((name) => `${name}: f32`)].join(", ")} }
@group(0) @binding(0) var<uniform> p: Params;
${buffers.join("")}
fn value(i: u32) -> f32 {
${names.join("")}${toWgsl(formula)}}
${wgsl}`;
}

const addOp = elementwise("add", ["a", "b"], "a + b", (_, g) => [g, g]);
/** a + b, of the same shape. */
export const add = (a: Tensor, b: Tensor): Tensor => apply(addOp, [a, b], {});

const mulOp = elementwise("mul", ["a", "b"], "a * b", ([a, b], g) => [mul(g, b), mul(g, a)]);
/** a ⊙ b, of the same shape. */
export const mul = (a: Tensor, b: Tensor): Tensor => apply(mulOp, [a, b], {});

const scaleOp = elementwise<{ by: number }>("scale", ["x"], "x * by", (_, g, attrs) => [scale(g, attrs)], ["by"]);
/** x · by. */
export const scale = (x: Tensor, attrs: { by: number }): Tensor => apply(scaleOp, [x], attrs);

const reluOp = elementwise("relu", ["x"], "max(x, 0)", ([x], g) => [reluGradient(x, g)]);
/** max(x, 0). */
export const relu = (x: Tensor): Tensor => apply(reluOp, [x], {});

const reluGradientOp = elementwise("reluGradient", ["x", "g"], "g * positive(x)");
const reluGradient = (x: Tensor, g: Tensor): Tensor => apply(reluGradientOp, [x, g], {});

const siluOp = elementwise("silu", ["x"], "x * sigmoid(x)", ([x], g) => [siluGradient(x, g)]);
/** x · σ(x), with σ(x) = 1 / (1 + e^−x) (arXiv:1702.03118). */
export const silu = (x: Tensor): Tensor => apply(siluOp, [x], {});

const siluGradientOp = elementwise("siluGradient", ["x", "g"], "s = sigmoid(x); g * s * (1 + x * (1 - s))");
const siluGradient = (x: Tensor, g: Tensor): Tensor => apply(siluGradientOp, [x, g], {});

const swigluOp = elementwise("swiglu", ["gate", "up"], "gate / (1 + exp(-gate)) * up", ([gate, up], g) => [
  swigluGateGradient(gate, up, g),
  swiglu(gate, g),
]);
/** SwiGLU, as in LLaMA's feed-forward (arXiv:2002.05202): SiLU(gate) ⊙ up. */
export const swiglu = (gate: Tensor, up: Tensor): Tensor => apply(swigluOp, [gate, up], {});

const swigluGateGradientOp = elementwise(
  "swigluGateGradient",
  ["gate", "up", "g"],
  "s = sigmoid(gate); g * up * s * (1 + gate * (1 - s))",
);
/** The gradient of swiglu's gate. */
const swigluGateGradient = (gate: Tensor, up: Tensor, g: Tensor): Tensor =>
  apply(swigluGateGradientOp, [gate, up, g], {});

const geluOp = elementwise("gelu", ["x"], "x * (0.5 + 0.5 * erf(0.7071067811865476 * x))", ([x], g) => [
  geluGradient(x, g),
]);
/** GELU (arXiv:1606.08415): x · Φ(x), with the normal distribution's Φ. PyTorch's default; BERT uses it. */
export const gelu = (x: Tensor): Tensor => apply(geluOp, [x], {});

const geluGradientOp = elementwise(
  "geluGradient",
  ["x", "g"],
  "g * (0.5 + 0.5 * erf(0.7071067811865476 * x) + 0.3989422804014327 * x * exp(-0.5 * x * x))",
);
const geluGradient = (x: Tensor, g: Tensor): Tensor => apply(geluGradientOp, [x, g], {});

// ½ (1 + tanh u) is σ(2u); 1.5957691216057308 is 2 √(2/π).
const geluTanhOp = elementwise(
  "geluTanh",
  ["x"],
  "x * sigmoid(1.5957691216057308 * x * (1 + 0.044715 * x * x))",
  ([x], g) => [geluTanhGradient(x, g)],
);
/** GPT-2's approximation of GELU, "tanh" in PyTorch: ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export const geluTanh = (x: Tensor): Tensor => apply(geluTanhOp, [x], {});

const geluTanhGradientOp = elementwise(
  "geluTanhGradient",
  ["x", "g"],
  "t = 1.5957691216057308 * x; s = sigmoid(t * (1 + 0.044715 * x * x)); g * s * (1 + t * (1 - s) * (1 + 0.134145 * x * x))",
);
const geluTanhGradient = (x: Tensor, g: Tensor): Tensor => apply(geluTanhGradientOp, [x, g], {});
