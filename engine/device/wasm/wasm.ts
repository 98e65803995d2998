// The CPU: SIMD kernels in WebAssembly, one shared memory, a thread a core. A plan is encoded once into that memory; all
// threads then walk it, so that no JavaScript runs between its calls.

import type { Operand, Plan } from "../../graph/plan";
import { type DType, type Shape, sizeOf, type Tensor } from "../../graph/tensor";
import { type Device, Interrupted, type Prepared, type PrepareOptions } from "../device";
import { createResidents } from "../residents";
import { encode, listBytes, lower, place, type Region, schedule } from "./encode";
import { bestKernels, opcodeOf } from "./kernels";
import { align, createMemory } from "./memory";
import { type Rest, startThreads } from "./threads";
import { uploadWeight, type Weight } from "./upload";

/** Where a state's or constant's values are. */
interface Values {
  address: number;
  shape: Shape;
  dtype: DType;
}

export async function createWasmDevice(threadCount: number, kernels = bestKernels()): Promise<Device> {
  const threads = await startThreads(threadCount, kernels);
  const memory = createMemory(threads.memory, threads.kernels.heapAddress());
  const weights = new Map<string, Weight>();
  const residents = createResidents(setAside, ({ address }) => memory.free(address));
  /** What plans use while they run, one after the other: slots, what kernels leave, memory of each thread's own. */
  const arena = { address: memory.allocate(0), bytes: 0 };

  /** Makes the arena hold so many bytes. Where it moves, what plans have put out moves along. */
  function reserve(bytes: number) {
    if (bytes <= arena.bytes) return;
    const address = memory.allocate(bytes);
    new Uint8Array(threads.memory.buffer).copyWithin(address, arena.address, arena.address + arena.bytes);
    memory.free(arena.address);
    Object.assign(arena, { address, bytes });
  }

  async function setAside({ source, shape, dtype }: Tensor): Promise<Values> {
    const place = { address: memory.allocateZeros(sizeOf(shape) * 4), shape, dtype };
    if (source.kind === "constant") valuesOf(place).set(source.values());
    return place;
  }

  function valuesOf({ address, shape, dtype }: Values): Float32Array | Int32Array {
    const { buffer } = threads.memory;
    return dtype === "i32"
      ? new Int32Array(buffer, address, sizeOf(shape))
      : new Float32Array(buffer, address, sizeOf(shape));
  }

  async function prepare<Output extends string>(
    plan: Plan<Output>,
    { resumable = false }: PrepareOptions = {},
  ): Promise<Prepared<Output>> {
    const giveUp = await residents.hold(plan.residents);
    const regions = new Map<string, Region>();
    function residentOf({ place: { kind, name } }: Operand & { place: { name: string } }): Region {
      const { address } = kind === "weight" ? weightNamed(name) : residents.at(name);
      const region = regions.get(name) ?? { address, bytes: 0, arena: false, constant: kind !== "state" };
      regions.set(name, region);
      return region;
    }
    const layoutOf = ({ place, dtype }: Operand) =>
      place.kind === "weight" ? weightNamed(place.name).layout : dtype === "i32" ? "i32" : "f32";

    const { calls, outputs } = lower(plan, threads.count, { residentOf, layoutOf });
    const phases = schedule(calls);
    const local = place(phases, Object.values(outputs));
    const localBytes = align(calls.reduce((most, { kernel }) => Math.max(most, kernel.local ?? 0), 0));
    const working = local + threads.count * localBytes;
    const bytes = listBytes(calls.length);
    const list = memory.allocate(bytes + (resumable ? working : 0));
    if (!resumable) reserve(working);
    /** Where the plan's working memory is: in the arena, or behind the list. */
    const base = () => (resumable ? list + bytes : arena.address);
    let encodedFor = -1;
    let rest: Rest | undefined;

    /** Runs the plan, or what is left of its last run. */
    function start(times: number): Rest | undefined {
      if (rest) return threads.resume(rest);
      if (encodedFor !== base()) {
        encodedFor = base();
        const room = new Uint8Array(threads.memory.buffer, list, bytes);
        encode(phases, encodedFor, room, (kernel) => opcodeOf(threads.kernels, kernel));
      }
      return threads.run({ calls: list, count: calls.length, times, local: base() + local, localBytes });
    }

    return {
      async run(times = 1) {
        const left = start(times);
        if (resumable) rest = left;
        if (left) throw new Interrupted("The run was interrupted");
      },
      async read(name) {
        const { shape, dtype } = plan.outputs[name];
        const { arena: inArena, address } = outputs[name];
        return valuesOf({ address: inArena ? base() + address : address, shape, dtype }).slice();
      },
      dispose() {
        memory.free(list);
        giveUp();
      },
    };
  }

  function weightNamed(name: string): Weight {
    const weight = weights.get(name);
    if (!weight) throw new Error(`The weight ${name} has not been uploaded`);
    return weight;
  }

  return {
    kind: "wasm",
    description: `CPU, ${threadCount} ${threadCount === 1 ? "thread" : "threads"}`,
    chunk: 256,
    stride: 1,
    async upload(tensor) {
      const before = weights.get(tensor.name);
      if (before) memory.free(before.address);
      weights.set(tensor.name, await uploadWeight(tensor, threads, memory));
    },
    prepare,
    write: (name, values, at = 0) => valuesOf(residents.within(name, at, values.length)).set(values, at),
    readState: async (name, at, count) => valuesOf(residents.within(name, at, count)).slice(at, at + count),
    interrupt: threads.interrupt,
    memory: () => memory.used(),
    lost: threads.lost,
    dispose: threads.dispose,
  };
}
