// The CPU device: SIMD kernels in WebAssembly on several threads, which share one memory. A plan is encoded into that
// memory once; the threads then run its calls without any JavaScript in between.

import type { Plan } from "../../graph/plan";
import { type Shape, sizeOf, type Tensor } from "../../graph/tensor";
import { nextTurn } from "../../nextTurn";
import { type Device, Interrupted, type Prepared, type PrepareOptions } from "../device";
import { createNamespace, layoutOf, type NamedOperand } from "../namespace";
import { createArena } from "./arena";
import { encode, listBytes } from "./encode";
import { bestKernels, type KernelFile } from "./kernels";
import { i16Rows } from "./layout/i16";
import { lower, type Region } from "./lower";
import { align, createMemory, maxMemory } from "./memory";
import { place, schedule } from "./schedule";
import { type Remainder, startThreads } from "./threads";
import { uploadWeight, type Values } from "./upload";

export interface WasmOptions {
  kernels?: KernelFile;
  /** How many bytes the device may use. */
  maxBytes?: number;
}

/** Starts the CPU device. Its methods throw DeviceMemoryError where memory is short. */
export async function createWasmDevice(
  threadCount: number,
  { kernels = bestKernels(), maxBytes = maxMemory }: WasmOptions = {},
): Promise<Device> {
  const threads = await startThreads(threadCount, kernels);
  const memory = createMemory(threads.memory, threads.kernels.heapAddress(), maxBytes);
  const arena = createArena(memory);

  async function allocate({ source, shape, dtype }: Tensor): Promise<Values> {
    const size = sizeOf(shape);
    if (dtype === "f16") return allocateI16(shape);
    const values = { address: memory.allocateZeros(size * 4), layout: dtype, size };
    if (source.kind === "constant") valuesOf(values).set(source.values());
    return values;
  }

  /** Room for the integers, the scales, and one more of the outermost rows: kernels may read one too many. */
  function allocateI16(shape: Shape): Values {
    const [size, width] = [sizeOf(shape), shape[shape.length - 1]];
    const bytes = 2 * size + (4 * size) / width + 2 * sizeOf(shape.slice(1)) + 16; // in whole vectors
    return { address: memory.allocateZeros(bytes), layout: "i16", size, width };
  }

  function write(values: Values, given: Float32Array | Int32Array, at: number) {
    if (values.layout === "i16") i16Of(values).write(given, at);
    else valuesOf(values).set(given, at);
  }

  const read = (values: Values, at: number, count: number): Float32Array | Int32Array =>
    values.layout === "i16" ? i16Of(values).read(at, count) : valuesOf(values).slice(at, at + count);

  const i16Of = ({ address, size, width }: Values) => i16Rows(threads.memory.buffer, address, size, width!);

  function valuesOf({ address, layout, size }: Values): Float32Array | Int32Array {
    const { buffer } = threads.memory;
    return layout === "i32" ? new Int32Array(buffer, address, size) : new Float32Array(buffer, address, size);
  }

  async function prepare<Output extends string>(
    plan: Plan<Output>,
    { resumable = false }: PrepareOptions,
    placeOf: (operand: NamedOperand) => Values,
  ): Promise<Prepared<Output>> {
    const regions = new Map<Values, Region>();
    function regionOf(operand: NamedOperand): Region {
      const place = placeOf(operand);
      const constant = operand.place.kind !== "state";
      const region = regions.get(place) ?? { address: place.address, bytes: 0, arena: false, constant };
      regions.set(place, region);
      return region;
    }

    const { calls, outputs } = lower(plan, threads.count, {
      regionOf,
      layoutOf: (operand) => layoutOf(operand, placeOf),
    });
    await nextTurn(); // each of these takes some 0.1 s for the plan of a training step
    const phases = schedule(calls);
    await nextTurn();
    const local = place(
      phases,
      Object.values(outputs).map(({ region }) => region),
    );
    const localBytes = align(calls.reduce((max, { kernel }) => Math.max(max, kernel.local ?? 0), 0));
    const working = local + threads.count * localBytes;
    const bytes = listBytes(calls.length);
    const list = memory.allocate(bytes + (resumable ? working : 0));
    const release = resumable ? () => {} : reserveBeside(list, working);
    /** The address of the plan's working memory: in the arena, or behind the list of calls. */
    const base = () => (resumable ? list + bytes : arena.address);
    let encodedFor = -1;
    let remainder: Remainder | undefined;

    /** Runs the plan, or continues its interrupted run. */
    function start(times: number): Remainder | undefined {
      if (remainder) return threads.resume(remainder);
      if (encodedFor !== base()) {
        encodedFor = base();
        const room = new Uint8Array(threads.memory.buffer, list, bytes);
        encode(phases, encodedFor, room, threads.kernelNamed);
      }
      return threads.run({ calls: list, count: calls.length, times, local: base() + local, localBytes });
    }

    return {
      async run(times = 1) {
        const left = start(times);
        if (resumable) remainder = left;
        if (left) throw new Interrupted(threads.callsLeft(left));
      },
      async read(name) {
        const { shape, dtype } = plan.outputs[name];
        const { region, from } = outputs[name];
        const address = (region.arena ? base() : 0) + region.address + from;
        const layout = dtype === "f16" ? "i16" : dtype;
        return read({ address, layout, size: sizeOf(shape), width: shape[shape.length - 1] }, 0, sizeOf(shape));
      },
      dispose() {
        memory.free(list);
        release();
      },
    };
  }

  /** Reserves a plan's working memory; frees its list of calls where that fails. */
  function reserveBeside(list: number, bytes: number): () => void {
    try {
      return arena.reserve(bytes);
    } catch (error) {
      memory.free(list);
      throw error;
    }
  }

  const properties = {
    kind: "wasm",
    description: `CPU, ${threadCount} ${threadCount === 1 ? "thread" : "threads"}`,
    chunk: 256,
    stepsPerReadback: 1,
    interrupt: threads.interrupt,
    memory: memory.used,
    lost: threads.lost,
  } as const;
  const namespace = createNamespace<Values>(
    {
      upload: (tensor) => uploadWeight(tensor, threads, memory),
      ...{ allocate, prepare, write },
      free: ({ address }) => memory.free(address),
      read: async (values, at, count) => read(values, at, count),
    },
    properties,
  );
  return { ...namespace, dispose: threads.dispose };
}
