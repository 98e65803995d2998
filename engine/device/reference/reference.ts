// The device that the others are held to: each op's float64 reference, one after the other.

import { dequantize } from "../../load/dequantize";
import { bytesOf, type Operand, type Plan, type Step } from "../../plan";
import { sizeOf } from "../../tensor";
import type { Device, Prepared, StoredTensor } from "../device";

export function createReferenceDevice(): Device {
  const resident = new Map<string, Float64Array>();

  async function upload({ name, type, shape, read }: StoredTensor) {
    const values = new Float32Array(sizeOf(shape));
    dequantize(type, await read(0, bytesOf({ shape, dtype: type })), values);
    resident.set(name, Float64Array.from(values));
  }

  async function prepare<Output extends string>(plan: Plan<Output>): Promise<Prepared<Output>> {
    for (const { source, shape } of plan.residents) {
      if (source.kind === "constant" && !resident.has(source.name))
        resident.set(source.name, Float64Array.from(source.values()));
      if (source.kind === "state" && !resident.has(source.name))
        resident.set(source.name, new Float64Array(sizeOf(shape)));
    }
    const slots: Float64Array[] = plan.slots.map((bytes) => new Float64Array(bytes / 4));
    const values = ({ place, shape }: Operand) =>
      (place.kind === "slot" ? slots[place.slot] : resident.get(place.name)!).subarray(0, sizeOf(shape));
    const runStep = ({ op, params, inputs, output }: Step) => {
      const y = values(output);
      if (!op.inPlace) y.fill(0);
      op.reference(y, inputs.map(values), params);
    };
    return {
      async run(times = 1) {
        for (let i = 0; i < times; i++) for (const step of plan.steps) runStep(step);
      },
      async read(name) {
        const output = plan.outputs[name];
        return (output.dtype === "i32" ? Int32Array : Float32Array).from(values(output));
      },
      dispose() {},
    };
  }

  return {
    kind: "reference",
    description: "float64 reference",
    chunk: 64,
    stride: 1,
    upload,
    prepare,
    write: (state, values, at = 0) => resident.get(state)!.set(values, at),
    readState: async (state, at, count) => Float32Array.from(resident.get(state)!.subarray(at, at + count)),
    memory: () => [...resident.values()].reduce((bytes, values) => bytes + values.byteLength, 0),
    lost: new Promise(() => {}),
    dispose: async () => resident.clear(),
  };
}
