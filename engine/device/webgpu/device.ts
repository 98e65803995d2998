// The GPU device: pipelines are compiled in parallel, and bind groups created once. A run is one compute pass and one
// submit, or a few where it can be interrupted. Reading values back waits for the GPU.

import { f16InState, f16Values } from "../../graph/half";
import { bytesOf, type Operand, type Plan, type Step } from "../../graph/plan";
import { type DType, sizeOf, type Tensor } from "../../graph/tensor";
import type { Call } from "../../ops/op";
import type { Device, Prepared, PrepareOptions } from "../device";
import { createNamespace, layoutOf, type NamedOperand } from "../namespace";
import { type OpenedGpu, openGpu } from "./adapter";
import { watchFaults } from "./faults";
import { createKernels, type Launch, packParams } from "./kernels";
import { createMemory } from "./memory";
import { createRuns } from "./runs";
import { createSlots } from "./slots";
import { type GpuValues, uploadWeight } from "./weights";

/** Opens the fastest GPU, or one that Dawn emulates. Throws GpuUnavailable. Its methods throw GpuMemoryError. */
export const createWebGpuDevice = async (): Promise<Device> => webGpuDevice(await openGpu());

export function webGpuDevice({ gpu, description, hardware }: OpenedGpu): Device {
  const faults = watchFaults(gpu);
  const memory = createMemory(gpu);
  const kernels = createKernels(gpu, memory);
  const slots = createSlots(memory);
  const runs = createRuns(gpu, faults);

  async function allocate({ source, shape, dtype }: Tensor): Promise<GpuValues> {
    const what = "name" in source ? `the ${source.kind} ${source.name}` : "a tensor";
    const buffer = await memory.allocate(what, bytesOf({ shape, dtype }));
    if (source.kind === "constant") gpu.queue.writeBuffer(buffer, 0, source.values() as Float32Array<ArrayBuffer>);
    return { buffer, layout: dtype };
  }

  async function prepare<Output extends string>(
    plan: Plan<Output>,
    { resumable = false }: PrepareOptions,
    placeOf: (operand: NamedOperand) => GpuValues,
  ): Promise<Prepared<Output>> {
    const all = plan.steps.flatMap((step) => launches(step, placeOf));
    const pipelines = await Promise.all(all.map(kernels.pipeline));
    const working = await (resumable ? slots.own(plan.slots) : slots.share(plan.slots));
    const buffers = (operand: Operand): GPUBuffer =>
      operand.place.kind === "slot" ? working.buffers[operand.place.slot] : placeOf(operand as NamedOperand).buffer;
    const { params, bindings } = await kernels.bind(all, buffers).catch((error) => {
      working.release();
      throw error;
    });
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
        return readBack(buffers(output), output.offset, sizeOf(output.shape), output.dtype);
      },
      dispose() {
        working.release();
        memory.free(params);
      },
    };
  }

  async function readBack(buffer: GPUBuffer, at: number, count: number, dtype: DType) {
    faults.check();
    if (dtype !== "f16") {
      const bytes = await faults.fence(memory.read(buffer, at * 4, count * 4));
      return dtype === "i32" ? new Int32Array(bytes) : new Float32Array(bytes);
    }
    const [first, end] = [Math.floor(at / 2), Math.ceil((at + count) / 2)]; // words
    const pairs = new Uint16Array(await faults.fence(memory.read(buffer, first * 4, (end - first) * 4)));
    return Float32Array.from(pairs.subarray(at - 2 * first, at - 2 * first + count), (half) => f16Values[half]);
  }

  /** Does work that needs the GPU. Throws where the GPU has failed before, or fails meanwhile. */
  async function fenced<T>(work: () => Promise<T>): Promise<T> {
    faults.check();
    return faults.fence(work());
  }

  const properties = {
    kind: "webgpu",
    description,
    chunk: hardware ? 128 : 32,
    stepsPerReadback: 4,
    interrupt: runs.interrupt,
    memory: memory.bytes,
    lost: faults.lost,
  } as const;
  const namespace = createNamespace<GpuValues>(
    {
      upload: (tensor) => fenced(() => uploadWeight(gpu, memory, tensor)),
      allocate: (tensor) => fenced(() => allocate(tensor)),
      free: ({ buffer }) => memory.free(buffer),
      prepare: (plan, options, placeOf) => fenced(() => prepare(plan, options, placeOf)),
      write({ buffer, layout }, values, at) {
        if (layout === "f16") gpu.queue.writeBuffer(buffer, at * 2, Uint16Array.from(values, f16InState));
        else gpu.queue.writeBuffer(buffer, at * 4, values as Float32Array<ArrayBuffer>);
      },
      read: ({ buffer, layout }, at, count) => readBack(buffer, at, count, layout),
    },
    properties,
  );
  return { ...namespace, dispose: faults.close };
}

function launches({ op, params, inputs, outputs }: Step, placeOf: (operand: NamedOperand) => GpuValues): Launch[] {
  const [shapes, results] = [inputs, outputs].map((operands) => operands.map(({ shape }) => shape));
  const layouts = inputs.map((operand) => layoutOf(operand, placeOf));
  const call: Call = { params, shapes, layouts, outputs: results };
  const bound = [...inputs.slice(op.inPlace ? 1 : 0), ...outputs];
  const shared = { name: op.name, bound, written: outputs.length };
  return op.gpu(call).map((kernel) => ({ ...kernel, ...shared, params: packParams(op.name, kernel.wgsl, params) }));
}
