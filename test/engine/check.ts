// The check for every op: on random inputs, each device computes what the reference computes, and the gradients agree with
// finite differences.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Device } from "../../engine/device/device";
import { createReferenceDevice } from "../../engine/device/reference/reference";
import { createWasmDevice } from "../../engine/device/wasm";
import { openGpu, webGpuDevice } from "../../engine/device/webgpu";
import { gradients } from "../../engine/graph/autograd";
import { f16Values, floatToHalf } from "../../engine/graph/half";
import { plan } from "../../engine/graph/plan";
import { blocks, type StorageType, storedBytes } from "../../engine/graph/storage";
import { type Shape, sizeOf, state, Tensor } from "../../engine/graph/tensor";
import { add, mul, padColumns } from "../../engine/ops";
import { integer, normals } from "./random";

/** What the checks run on. Each file of tests opens the devices that it uses once. */
const devices: Readonly<Record<string, () => Promise<Device>>> = {
  "wasm, 1 thread": () => createWasmDevice(1),
  "wasm, 2 threads": () => createWasmDevice(2),
  "wasm, 3 threads": () => createWasmDevice(3),
  "wasm, without relaxed SIMD": () => createWasmDevice(2, { kernels: "kernels-plain.wasm" }),
  webgpu: async () => webGpuDevice(await openGpu()),
  "webgpu, checked": async () => webGpuDevice(await openGpu(true)),
};

/** An input's values: plain ones, which may be given to an f16 state, or bytes of a weight in its storage type. */
export type Input =
  | { shape: Shape; values: Float32Array | Int32Array; f16?: true }
  | { shape: Shape; type: StorageType; bytes: Uint8Array };

export interface Check {
  inputs: readonly Input[];
  /** The op or ops under test. All outputs are checked. */
  compute(...inputs: Tensor[]): Tensor | readonly Tensor[];
  /** The reference's inputs, where they differ from the devices'. */
  referenceInputs?: readonly Input[];
  /** How far an output may be off, ‖output − reference‖ / ‖reference‖. Integers must be equal. */
  tolerance?: number;
  /** The devices to check, by how their names begin; where not said, all. */
  on?: string;
}

/** Adds a test that runs the check on every device. */
export function checkOp(what: string, make: () => Check): void {
  test(what, async (t) => {
    const { inputs, compute, referenceInputs = inputs, tolerance = 1e-5, on = "" } = make();
    const expected = await run(createReferenceDevice(), referenceInputs, compute);
    for (const name of Object.keys(devices).filter((name) => name.startsWith(on)))
      await t.test(name, async () => {
        const actual = await run(await open(name), inputs, compute);
        assert.equal(actual.length, expected.length);
        for (const [i, values] of expected.entries())
          if (values instanceof Int32Array) assert.deepEqual(actual[i], values);
          else assertClose(actual[i], values, tolerance);
      });
  });
}

export interface GradientCheck {
  inputs: readonly Input[];
  compute: Check["compute"];
  /** Which inputs to ask for gradients of; where not said, all of plain f32 values. */
  of?: readonly number[];
  /** The devices to check, by how their names begin; where not said, all. */
  on?: string;
}

/**
 * Adds a test that holds an op's gradients, of a random weighted sum of its outputs, to central differences of the
 * reference, along random directions, and every device's gradients to the reference's.
 */
export function checkGradient(what: string, make: () => GradientCheck): void {
  test(`${what}, gradient`, async (t) => {
    const { inputs, compute, on = "", ...rest } = make();
    const of = rest.of ?? inputs.flatMap((input, i) => ("values" in input && isFloat(input) ? [i] : []));
    const outputs = await run(createReferenceDevice(), inputs, compute);
    const size = outputs.reduce((size, { length }) => size + length, 0);
    const weights = { shape: [1, size], values: normals(size) };
    const all = [...inputs, weights];
    const sum = (...tensors: Tensor[]) =>
      mul(oneBehindTheOther(listOf(compute(...tensors.slice(0, -1))), size), tensors.at(-1)!);
    for (const i of of) {
      const gradient = (...tensors: Tensor[]) => gradients(sum(...tensors), [tensors[i]])[0];
      const [expected] = (await run(createReferenceDevice(), all, gradient)) as Float32Array[];
      await t.test(`input ${i} by finite differences`, async () => {
        for (let direction = 0; direction < 3; direction++) await assertSlope(all, sum, i, expected);
      });
      for (const name of Object.keys(devices).filter((name) => name.startsWith(on)))
        await t.test(`input ${i}, ${name}`, async () => {
          const [actual] = await run(await open(name), all, gradient);
          assertClose(actual, expected, 1e-4);
        });
    }
  });
}

const listOf = (outputs: Tensor | readonly Tensor[]) => (outputs instanceof Tensor ? [outputs] : outputs);

/** The values of some tensors, concatenated. */
function oneBehindTheOther(tensors: readonly Tensor[], width: number): Tensor {
  let from = 0;
  const rows = tensors.map((tensor) => {
    const count = sizeOf(tensor.shape);
    from += count;
    return padColumns(tensor.reshape(1, count), { from: from - count, width });
  });
  return rows.reduce((a, b) => add(a, b));
}

const isFloat = (input: Input) => "values" in input && input.values instanceof Float32Array;

/** Along a random direction, the sum rises as the gradient says. */
async function assertSlope(
  inputs: readonly Input[],
  sum: (...tensors: Tensor[]) => Tensor,
  i: number,
  gradient: Float32Array,
) {
  const { shape, values } = inputs[i] as { shape: Shape; values: Float32Array };
  const direction = normals(values.length);
  const at = async (step: number) => {
    const moved = { shape, values: values.map((value, j) => value + step * direction[j]) };
    const [terms] = await run(createReferenceDevice(), inputs.with(i, moved), sum);
    return { moved: moved.values, sum: Float64Array.from(terms).reduce((total, term) => total + term, 0) };
  };
  const [before, after] = [await at(-(2 ** -7)), await at(2 ** -7)];
  const rise = gradient.reduce((total, g, j) => total + g * (after.moved[j] - before.moved[j]), 0);
  const size = Math.hypot(...gradient) * Math.hypot(...after.moved.map((value, j) => value - before.moved[j]));
  const off = Math.abs(after.sum - before.sum - rise) / Math.max(Math.abs(rise), size * 0.01);
  assert.ok(off <= 1e-3, `the slope is off by ${off}`);
}

export function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  let squares = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    squares += expected[i] ** 2;
    difference += (actual[i] - expected[i]) ** 2;
  }
  const off = Math.sqrt(difference / (squares || 1));
  assert.ok(off <= tolerance, `off by ${off}, more than ${tolerance}`); // NaN is not ≤
}

/** f32 values, normal. */
export const random = (...shape: number[]): Input => ({ shape, values: normals(sizeOf(shape)) });

/** Normal values, rounded to f16, of an f16 state. */
export const randomF16 = (...shape: number[]): Input => ({
  shape,
  values: normals(sizeOf(shape)).map((value) => f16Values[floatToHalf(value)]),
  f16: true,
});

/** i32 values. */
export const integers = (values: readonly number[], ...shape: number[]): Input => ({
  shape: shape.length ? shape : [values.length],
  values: Int32Array.from(values),
});

/** A weight of random blocks: any bits for the quants, scales of ordinary size. */
export function randomWeight(type: StorageType, ...shape: number[]): Input {
  const bytes = new Uint8Array(storedBytes(type, sizeOf(shape)));
  for (let i = 0; i < bytes.length; i++) bytes[i] = integer(0, 255);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += blocks[type].bytes)
    for (const { offset, high } of scales[type]) view.setUint8(at + offset, (bytes[at + offset] & 0x80) | high());
  return { shape, type, bytes };
}

/** The high byte of an f16 of either sign between 2⁻⁸ and 2⁻⁶; of an f32 or bf16 between 2⁻⁷ and 2. */
const half = () => integer(0x1c, 0x23);
const float = () => integer(0x3c, 0x3f);

/** Where in a block the high bytes of its floats lie. */
const scales: Record<StorageType, readonly { offset: number; high: () => number }[]> = {
  f32: [{ offset: 3, high: float }],
  bf16: [{ offset: 1, high: float }],
  f16: [{ offset: 1, high: half }],
  q4_0: [{ offset: 1, high: half }],
  q4_1: [1, 3].map((offset) => ({ offset, high: half })),
  q5_0: [{ offset: 1, high: half }],
  q5_1: [1, 3].map((offset) => ({ offset, high: half })),
  q8_0: [{ offset: 1, high: half }],
  q2_k: [81, 83].map((offset) => ({ offset, high: half })),
  q3_k: [{ offset: 109, high: half }],
  q4_k: [1, 3].map((offset) => ({ offset, high: half })),
  q5_k: [1, 3].map((offset) => ({ offset, high: half })),
  q6_k: [{ offset: 209, high: half }],
};

const opened = new Map<string, Promise<Device>>();

function open(name: string): Promise<Device> {
  if (!opened.has(name)) opened.set(name, devices[name]());
  return opened.get(name)!;
}

after(async () => {
  for (const device of opened.values()) await (await device).dispose();
});

let made = 0;

async function run(device: Device, inputs: readonly Input[], compute: Check["compute"]) {
  const tensors = await Promise.all(
    inputs.map(async (input) => {
      const name = `input.${made++}`;
      if ("values" in input)
        return state(name, input.shape, input.values instanceof Int32Array ? "i32" : input.f16 ? "f16" : "f32");
      const { shape, type, bytes } = input;
      await device.upload({ name, type, shape, read: async (from, length) => bytes.slice(from, from + length) });
      return new Tensor(shape, type, { kind: "weight", name });
    }),
  );
  const outputs = listOf(compute(...tensors));
  const planned = plan(Object.fromEntries(outputs.map((tensor, i) => [`${i}`, tensor])));
  const prepared = await device.prepare(planned);
  for (const [i, { source }] of tensors.entries()) {
    const input = inputs[i];
    if ("values" in input && source.kind === "state" && planned.namedTensors.includes(tensors[i]))
      device.write(source.name, input.values);
  }
  await prepared.run();
  const values: (Float32Array | Int32Array)[] = [];
  for (const i of outputs.keys()) values.push(await prepared.read(`${i}`));
  prepared.dispose();
  return values;
}
