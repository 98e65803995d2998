// Plans on a GPU: pipelines compiled in parallel, bind groups made once; a run is one pass and one submit, and only
// reading back waits.

import type { Call } from "../../ops/op";
import type { Operand, Plan, Step } from "../../plan";
import { sizeOf, type Tensor } from "../../tensor";
import type { Device, Prepared, StoredTensor } from "../device";
import { type OpenedGpu, openGpu } from "./adapter";
import { watchFaults } from "./faults";
import { createKernels, type Dispatch, type Launch, packParams } from "./kernels";
import { createMemory } from "./memory";
import { createSlots } from "./slots";
import { type GpuWeight, uploadWeight } from "./weights";

/** Opens the fastest GPU, or what Dawn offers in its place; throws GpuUnavailable where there is nothing. */
export const createWebGpuDevice = async (): Promise<Device> => webGpuDevice(await openGpu());

export function webGpuDevice({ gpu, description, hardware }: OpenedGpu): Device {
  const faults = watchFaults(gpu);
  const memory = createMemory(gpu);
  const kernels = createKernels(gpu, memory);
  const slots = createSlots(memory);
  const weights = new Map<string, GpuWeight>();
  const residents = new Map<string, { tensor: Tensor; buffer: GPUBuffer }>(); // states and constants
  let running: Promise<unknown> = Promise.resolve();

  async function upload(tensor: StoredTensor) {
    faults.check();
    const present = weights.get(tensor.name);
    if (present) memory.free(present.buffer);
    weights.delete(tensor.name);
    weights.set(tensor.name, await uploadWeight(gpu, memory, tensor));
  }

  /** Sets aside a state or a constant that no plan before had. */
  async function settle(tensor: Tensor) {
    const { source, shape } = tensor;
    if ((source.kind !== "constant" && source.kind !== "state") || residents.has(source.name)) return;
    const buffer = await memory.allocate(`the ${source.kind} ${source.name}`, sizeOf(shape) * 4);
    if (residents.has(source.name)) return memory.free(buffer); // another plan was faster
    residents.set(source.name, { tensor, buffer });
    if (source.kind === "constant") gpu.queue.writeBuffer(buffer, 0, source.values() as Float32Array<ArrayBuffer>);
  }

  /** Where `count` values of a state from `at` on are. */
  function within(state: string, at: number, count: number) {
    const found = residents.get(state);
    if (!found) throw new Error(`No plan has a state named ${state}`);
    const size = sizeOf(found.tensor.shape);
    if (at + count > size) throw new RangeError(`The state ${state} holds ${size} values, not ${at + count}`);
    return found;
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

  async function prepare<Output extends string>(plan: Plan<Output>): Promise<Prepared<Output>> {
    faults.check();
    await Promise.all(plan.residents.map(settle));
    const all = plan.steps.flatMap(launches);
    const pipelines = await Promise.all(all.map(kernels.pipeline));
    const lent = await slots.lend(plan.slots);
    const buffers = ({ place }: Operand): GPUBuffer => {
      if (place.kind === "slot") return lent.buffers[place.slot];
      return place.kind === "weight" ? weights.get(place.name)!.buffer : residents.get(place.name)!.buffer;
    };
    const { params, bindings } = await kernels.bind(all, buffers);
    const dispatches = all.map(({ workgroups }, i) => ({
      pipeline: pipelines[i],
      bindings: bindings[i],
      workgroups,
    }));
    return {
      async run(times = 1) {
        faults.check();
        await running; // one run goes on while the next is encoded; were there more, a cancel would come too late
        for (let i = 0; i < times; i++) submit(dispatches);
        running = faults.fence(gpu.queue.onSubmittedWorkDone());
        running.catch(() => {}); // whoever waits next is told
      },
      async read(name) {
        const output = plan.outputs[name];
        return readBack(buffers(output), 0, sizeOf(output.shape), output.dtype);
      },
      dispose() {
        lent.giveBack();
        memory.free(params);
      },
    };
  }

  function submit(dispatches: readonly Dispatch[]) {
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, bindings, workgroups } of dispatches) {
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(...workgroups);
    }
    pass.end();
    gpu.queue.submit([encoder.finish()]);
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
    prepare: (plan) => faults.fence(prepare(plan)),
    write(state, values, at = 0) {
      const { buffer } = within(state, at, values.length);
      gpu.queue.writeBuffer(buffer, at * 4, values as Float32Array<ArrayBuffer>);
    },
    async readState(state, at, count) {
      const { buffer, tensor } = within(state, at, count);
      return readBack(buffer, at, count, tensor.dtype);
    },
    memory: memory.bytes,
    lost: faults.lost,
    dispose: faults.close,
  };
}
