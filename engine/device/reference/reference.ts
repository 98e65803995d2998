// The device that defines what is right: it runs each op's float64 reference. Tests compare the other devices with it.

import { bytesOf, type Operand, type Plan, type Step } from "../../graph/plan";
import { sizeOf, type Tensor } from "../../graph/tensor";
import { dequantize } from "../../load/dequantize";
import { type Device, Interrupted, type Prepared, type PrepareOptions, type StoredTensor } from "../device";
import { createNamespace, type NamedOperand } from "../namespace";

export function createReferenceDevice(): Device {
  const interrupt = new Int32Array(new SharedArrayBuffer(4));
  let held = 0;

  function keep(values: Float64Array): Float64Array {
    held += values.byteLength;
    return values;
  }

  function free(values: Float64Array) {
    held -= values.byteLength;
  }

  async function upload({ type, shape, read }: StoredTensor): Promise<Float64Array> {
    const values = new Float32Array(sizeOf(shape));
    dequantize(type, await read(0, bytesOf({ shape, dtype: type })), values);
    return keep(Float64Array.from(values));
  }

  const allocate = async ({ source, shape }: Tensor) =>
    keep(source.kind === "constant" ? Float64Array.from(source.values()) : new Float64Array(sizeOf(shape)));

  async function prepare<Output extends string>(
    plan: Plan<Output>,
    { resumable = false }: PrepareOptions,
    placeOf: (operand: NamedOperand) => Float64Array,
  ): Promise<Prepared<Output>> {
    const slots = plan.slots.map((bytes) => new Float64Array(bytes / 4));
    const valuesAt = (operand: Operand) =>
      operand.place.kind === "slot" ? slots[operand.place.slot] : placeOf(operand as NamedOperand);
    const values = (operand: Operand) => {
      const { offset, shape } = operand;
      return valuesAt(operand).subarray(offset, offset + sizeOf(shape));
    };
    const runStep = ({ op, params, inputs, outputs }: Step) => {
      const results = outputs.map(values);
      for (const y of results.slice(op.inPlace ? 1 : 0)) y.fill(0);
      op.reference(results, inputs.map(values), params);
    };
    slots.forEach(keep);
    /** Steps that an interrupted run still has to do. */
    let left = 0;
    return {
      async run(times = 1) {
        for (left ||= times * plan.steps.length; left > 0; left--) {
          if (Atomics.exchange(interrupt, 0, 0)) {
            const error = new Interrupted(left);
            if (!resumable) left = 0;
            throw error;
          }
          runStep(plan.steps.at(-1 - ((left - 1) % plan.steps.length))!);
        }
      },
      async read(name) {
        const output = plan.outputs[name];
        return (output.dtype === "i32" ? Int32Array : Float32Array).from(values(output));
      },
      dispose: () => slots.forEach(free),
    };
  }

  const properties = {
    kind: "reference",
    description: "float64 reference",
    chunk: 64,
    stepsPerReadback: 1,
    interrupt,
    memory: () => held,
    lost: new Promise<string>(() => {}),
  } as const;
  const namespace = createNamespace<Float64Array>(
    {
      ...{ upload, allocate, free, prepare },
      write: (place, values, at) => place.set(values, at),
      read: async (place, at, count) => Float32Array.from(place.subarray(at, at + count)),
    },
    properties,
  );
  return { ...namespace, dispose: async () => namespace.dispose() };
}
