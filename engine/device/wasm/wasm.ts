// The CPU: SIMD kernels in WebAssembly, one shared memory, a thread a core. A plan is encoded once into that memory; all
// threads then walk it, so that no JavaScript runs between its calls.

import type { Operand, Plan } from "../../plan";
import { type DType, type Shape, sizeOf, type Tensor } from "../../tensor";
import type { Device, Prepared } from "../device";
import { encode, listBytes, lower, place, type Region, schedule } from "./encode";
import { bestKernels, opcodeOf } from "./kernels";
import { align, createMemory } from "./memory";
import { startThreads } from "./threads";
import { uploadWeight, type Weight } from "./upload";

/** A state or a constant. */
interface Resident {
  address: number;
  bytes: number;
  shape: Shape;
  dtype: DType;
  /** How many prepared plans use it. */
  users: number;
}

export async function createWasmDevice(threadCount: number, kernels = bestKernels()): Promise<Device> {
  const threads = await startThreads(threadCount, kernels);
  const memory = createMemory(threads.memory, threads.kernels.heapAddress());
  const weights = new Map<string, Weight>();
  const residents = new Map<string, Resident>();
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

  /** Finds or makes room for a plan's state or constant. */
  function settle({ source, shape, dtype }: Tensor): Resident | undefined {
    if (source.kind !== "constant" && source.kind !== "state") return undefined;
    const { name } = source;
    const known = residents.get(name);
    if (known?.shape.join() === shape.join()) return known;
    if (known?.users)
      throw new Error(`${name} has shape (${known.shape.join(", ")}); another plan needs it as (${shape.join(", ")})`);
    if (known) memory.free(known.address);
    const bytes = sizeOf(shape) * 4;
    const resident = { address: memory.allocateZeros(bytes), bytes, shape, dtype, users: 0 };
    residents.set(name, resident);
    if (source.kind === "constant") valuesOf(resident).set(source.values());
    return resident;
  }

  function valuesOf({
    address,
    shape,
    dtype,
  }: Pick<Resident, "address" | "shape" | "dtype">): Float32Array | Int32Array {
    const { buffer } = threads.memory;
    return dtype === "i32"
      ? new Int32Array(buffer, address, sizeOf(shape))
      : new Float32Array(buffer, address, sizeOf(shape));
  }

  function stateNamed(name: string): Resident {
    const state = residents.get(name);
    if (!state) throw new Error(`No plan has a state named ${name}`);
    return state;
  }

  async function prepare<Output extends string>(plan: Plan<Output>): Promise<Prepared<Output>> {
    const used = plan.residents.flatMap((tensor) => settle(tensor) ?? []);
    for (const resident of used) resident.users++;
    const regions = new Map<string, Region>();
    function residentOf({ place: { kind, name } }: Operand & { place: { name: string } }): Region {
      const { address, bytes } = kind === "weight" ? weightNamed(name) : residents.get(name)!;
      const region = regions.get(name) ?? { address, bytes, arena: false, constant: kind !== "state" };
      regions.set(name, region);
      return region;
    }
    const layoutOf = ({ place, dtype }: Operand) =>
      place.kind === "weight" ? weightNamed(place.name).layout : dtype === "i32" ? "i32" : "f32";

    const { calls, outputs } = lower(plan, threads.count, { residentOf, layoutOf });
    const phases = schedule(calls);
    const local = place(phases, Object.values(outputs));
    const localBytes = align(Math.max(...calls.map(({ kernel }) => kernel.local ?? 0)));
    const bytes = listBytes(calls.length);
    const list = { address: memory.allocate(bytes), bytes };
    reserve(local + threads.count * localBytes);
    let encodedFor = -1;

    return {
      async run(times = 1) {
        if (encodedFor !== arena.address) {
          const bytes = new Uint8Array(threads.memory.buffer, list.address, list.bytes);
          encode(phases, arena.address, bytes, (kernel) => opcodeOf(threads.kernels, kernel));
          encodedFor = arena.address;
        }
        const { address } = list;
        threads.run({ calls: address, count: calls.length, times, local: arena.address + local, localBytes });
      },
      async read(name) {
        const { shape, dtype } = plan.outputs[name];
        const { arena: inArena, address } = outputs[name];
        return valuesOf({ address: inArena ? arena.address + address : address, shape, dtype }).slice();
      },
      dispose() {
        memory.free(list.address);
        for (const resident of used) resident.users--;
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
    write: (name, values, at = 0) => valuesOf(stateNamed(name)).set(values, at),
    readState: async (name, at, count) => valuesOf(stateNamed(name)).slice(at, at + count),
    interrupt: threads.interrupt,
    memory: () => memory.used(),
    lost: threads.lost,
    dispose: threads.dispose,
  };
}
