// The one memory that all threads share, handed out in pieces.

import { createFreeList } from "./freeList";

const page = 65536;
/** What WebAssembly can address, in bytes. */
export const mostMemory = 2 ** 32;
const alignment = 64;

/** The model needs more memory than there is. The sentence is shown to the user. */
export class DeviceMemoryError extends Error {
  override name = "DeviceMemoryError";
  constructor(
    message: string,
    /** Bytes that would be in use. */
    readonly needed: number,
  ) {
    super(message);
  }
}

export interface Memory {
  readonly memory: WebAssembly.Memory;
  /** The address of `bytes` bytes of whatever was there before, on a cache line of their own. */
  allocate(bytes: number): number;
  /** The same, zeroed. */
  allocateZeros(bytes: number): number;
  free(address: number): void;
  /** Frees all but the first `bytes` bytes of what is at an address. */
  shrink(address: number, bytes: number): void;
  /** Bytes that are in use. */
  used(): number;
}

/** Hands out what lies between `start` and the end of the memory, which grows as needed. Of that, `most` bytes may be in use. */
export function createMemory(memory: WebAssembly.Memory, start: number, most = mostMemory): Memory {
  const taken = new Map<number, number>();
  let inUse = 0;
  /** Nothing from here on was ever handed out: it is zero, and the system has not set pages aside for it yet. */
  let fresh = start;
  const freeList = createFreeList(align(start), memory.buffer.byteLength);

  function allocate(bytes: number): number {
    const size = sizeFor(bytes);
    if (inUse + size > most) throw doesNotFit(size);
    const address = freeList.take(size) ?? grow(size);
    taken.set(address, size);
    inUse += size;
    fresh = Math.max(fresh, address + size);
    return address;
  }

  function allocateZeros(bytes: number): number {
    const end = fresh;
    const address = allocate(bytes);
    new Uint8Array(memory.buffer).fill(0, address, Math.max(address, Math.min(end, address + bytes)));
    return address;
  }

  /** Takes `size` bytes at the end, of which some may be new. */
  function grow(size: number): number {
    const end = memory.buffer.byteLength;
    const more = Math.ceil((size - freeList.before(end)) / page);
    try {
      memory.grow(more);
    } catch {
      throw doesNotFit(size);
    }
    freeList.give(end, memory.buffer.byteLength);
    return freeList.take(size)!;
  }

  function free(address: number) {
    const size = taken.get(address);
    if (size === undefined) throw new Error(`There is nothing to free at ${address}`);
    taken.delete(address);
    inUse -= size;
    freeList.give(address, address + size);
  }

  function shrink(address: number, bytes: number) {
    const [before, size] = [taken.get(address)!, sizeFor(bytes)];
    if (size >= before) return;
    taken.set(address, size);
    inUse -= before - size;
    freeList.give(address + size, address + before);
  }

  const doesNotFit = (size: number) =>
    new DeviceMemoryError(
      `The model does not fit into the CPU's memory of ${gigabytes(most)}: ${gigabytes(inUse)} are in use and ` +
        `${gigabytes(size)} more are needed. A smaller or more strongly quantized model will fit.`,
      inUse + size,
    );

  return { memory, allocate, allocateZeros, free, shrink, used: () => inUse };
}

const sizeFor = (bytes: number) => Math.max(align(bytes), alignment);

export const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`;
