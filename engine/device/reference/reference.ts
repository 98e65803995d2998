// The device that the others are held to: each op's float64 reference, one after the other.

import { bytesOf, type Operand, type Place, type Plan, type Step } from "../../graph/plan";
import { sizeOf } from "../../graph/tensor";
import { dequantize } from "../../load/dequantize";
import { type Device, Interrupted, type Prepared, type PrepareOptions, type StoredTensor } from "../device";
import { createResidents } from "../residents";

export function createReferenceDevice(): Device {
  const weights = new Map<string, Float64Array>();
  const residents = createResidents(
    async ({ source, shape }) =>
      source.kind === "constant" ? Float64Array.from(source.values()) : new Float64Array(sizeOf(shape)),
    () => {},
  );
  const interrupt = new Int32Array(new SharedArrayBuffer(4));

  async function upload({ name, type, shape, read }: StoredTensor) {
    const values = new Float32Array(sizeOf(shape));
    dequantize(type, await read(0, bytesOf({ shape, dtype: type })), values);
    weights.set(name, Float64Array.from(values));
  }

  async function prepare<Output extends string>(
    plan: Plan<Output>,
    { resumable = false }: PrepareOptions = {},
  ): Promise<Prepared<Output>> {
    const giveUp = await residents.hold(plan.residents);
    const slots: Float64Array[] = plan.slots.map((bytes) => new Float64Array(bytes / 4));
    const valuesAt = (place: Place) => {
      if (place.kind === "slot") return slots[place.slot];
      return place.kind === "weight" ? weights.get(place.name)! : residents.at(place.name);
    };
    const values = ({ place, shape }: Operand) => valuesAt(place).subarray(0, sizeOf(shape));
    const runStep = ({ op, params, inputs, output }: Step) => {
      const y = values(output);
      if (!op.inPlace) y.fill(0);
      op.reference(y, inputs.map(values), params);
    };
    /** Steps that an interrupted run has not done. */
    let left = 0;
    return {
      async run(times = 1) {
        for (left ||= times * plan.steps.length; left > 0; left--) {
          if (Atomics.exchange(interrupt, 0, 0)) {
            if (!resumable) left = 0;
            throw new Interrupted("The run was interrupted");
          }
          runStep(plan.steps.at(-1 - ((left - 1) % plan.steps.length))!);
        }
      },
      async read(name) {
        const output = plan.outputs[name];
        return (output.dtype === "i32" ? Int32Array : Float32Array).from(values(output));
      },
      dispose: giveUp,
    };
  }

  return {
    kind: "reference",
    description: "float64 reference",
    chunk: 64,
    stride: 1,
    upload,
    prepare,
    write: (state, values, at = 0) => residents.within(state, at, values.length).set(values, at),
    readState: async (state, at, count) =>
      Float32Array.from(residents.within(state, at, count).subarray(at, at + count)),
    interrupt,
    memory: () => [...weights.values()].reduce((bytes, values) => bytes + values.byteLength, 0),
    lost: new Promise(() => {}),
    dispose: async () => weights.clear(),
  };
}
