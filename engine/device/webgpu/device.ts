// Plans on a GPU: pipelines compiled in parallel, bind groups made once; a run is one pass and one submit, or a few,
// and only reading back waits.

import type { Operand, Plan, Step } from "../../graph/plan";
import { sizeOf, type Tensor } from "../../graph/tensor";
import type { Call } from "../../ops/op";
import type { Device, Prepared, PrepareOptions, StoredTensor } from "../device";
import { createResidents } from "../residents";
import { type OpenedGpu, openGpu } from "./adapter";
import { watchFaults } from "./faults";
import { createKernels, type Launch, packParams } from "./kernels";
import { createMemory } from "./memory";
import { createRuns } from "./runs";
import { createSlots } from "./slots";
import { type GpuWeight, uploadWeight } from "./weights";

/** Opens the fastest GPU, or what Dawn offers in its place; throws GpuUnavailable where there is nothing. */
export const createWebGpuDevice = async (): Promise<Device> => webGpuDevice(await openGpu());

export function webGpuDevice({ gpu, description, hardware }: OpenedGpu): Device {
  const faults = watchFaults(gpu);
  const memory = createMemory(gpu);
  const kernels = createKernels(gpu, memory);
  const slots = createSlots(memory);
  const runs = createRuns(gpu, faults);
  const weights = new Map<string, GpuWeight>();
  const residents = createResidents(setAside, ({ buffer }) => memory.free(buffer));

  async function upload(tensor: StoredTensor) {
    faults.check();
    const present = weights.get(tensor.name);
    if (present) memory.free(present.buffer);
    weights.delete(tensor.name);
    weights.set(tensor.name, await uploadWeight(gpu, memory, tensor));
  }

  async function setAside({ source, shape, dtype }: Tensor) {
    const what = "name" in source ? `the ${source.kind} ${source.name}` : "a tensor";
    const buffer = await memory.allocate(what, sizeOf(shape) * 4);
    if (source.kind === "constant") gpu.queue.writeBuffer(buffer, 0, source.values() as Float32Array<ArrayBuffer>);
    return { buffer, dtype };
  }

  function layoutOf({ place, shape, dtype }: Operand): string {
    if (place.kind !== "weight") return dtype;
    const weight = weights.get(place.name);
    if (!weight) throw new Error(`The weight ${place.name} has not been uploaded`);
    if (weight.layout !== "f32" && weight.values !== sizeOf(shape))
      throw new Error(`The weight ${place.name}, stored as ${weight.layout}, can only be read whole`);
    return weight.layout;
  }

  function launches({ op, params, inputs, output }: Step): Launch[] {
    const shapes = inputs.map(({ shape }) => shape);
    const call: Call = { params, shapes, layouts: inputs.map(layoutOf), output: output.shape };
    const bound = [...inputs.slice(op.inPlace ? 1 : 0), output];
    return op
      .gpu(call)
      .map((kernel) => ({ ...kernel, name: op.name, params: packParams(op.name, kernel.wgsl, params), bound }));
  }

  async function prepare<Output extends string>(
    plan: Plan<Output>,
    { resumable = false }: PrepareOptions = {},
  ): Promise<Prepared<Output>> {
    faults.check();
    const giveUp = await residents.hold(plan.residents);
    const all = plan.steps.flatMap(launches);
    const pipelines = await Promise.all(all.map(kernels.pipeline));
    const lent = await (resumable ? slots.own(plan.slots) : slots.lend(plan.slots));
    const buffers = ({ place }: Operand): GPUBuffer => {
      if (place.kind === "slot") return lent.buffers[place.slot];
      return place.kind === "weight" ? weights.get(place.name)!.buffer : residents.at(place.name).buffer;
    };
    const { params, bindings } = await kernels.bind(all, buffers);
    const dispatches = all.map(({ workgroups }, i) => ({
      pipeline: pipelines[i],
      bindings: bindings[i],
      workgroups,
    }));
    const run = resumable ? runs.inPieces(dispatches) : (times: number) => runs.atOnce(dispatches, times);
    return {
      run: (times = 1) => run(times),
      async read(name) {
        const output = plan.outputs[name];
        return readBack(buffers(output), 0, sizeOf(output.shape), output.dtype);
      },
      dispose() {
        lent.giveBack();
        memory.free(params);
        giveUp();
      },
    };
  }

  async function readBack(buffer: GPUBuffer, at: number, count: number, dtype: string) {
    faults.check();
    const bytes = await faults.fence(memory.read(buffer, at * 4, count * 4));
    return dtype === "i32" ? new Int32Array(bytes) : new Float32Array(bytes);
  }

  return {
    kind: "webgpu",
    description,
    chunk: hardware ? 128 : 32,
    stride: 4,
    upload: (tensor) => faults.fence(upload(tensor)),
    prepare: (plan, options) => faults.fence(prepare(plan, options)),
    write(state, values, at = 0) {
      const { buffer } = residents.within(state, at, values.length);
      gpu.queue.writeBuffer(buffer, at * 4, values as Float32Array<ArrayBuffer>);
    },
    async readState(state, at, count) {
      const { buffer, dtype } = residents.within(state, at, count);
      return readBack(buffer, at, count, dtype);
    },
    interrupt: runs.interrupt,
    memory: memory.bytes,
    lost: faults.lost,
    dispose: faults.close,
  };
}
