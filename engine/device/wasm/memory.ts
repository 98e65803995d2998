// The allocator of the one WebAssembly memory that all threads share.

import { createFreeList } from "./freeList";

const page = 65536;
/** What WebAssembly can address, in bytes. */
export const maxMemory = 2 ** 32;
const alignment = 64;

/** The CPU's memory is too small for what was asked of it. The message is for the user. */
export class DeviceMemoryError extends Error {
  override name = "DeviceMemoryError";
  constructor(
    message: string,
    /** Bytes that would be in use with what was asked for. */
    readonly needed: number,
  ) {
    super(message);
  }
}

export interface Memory {
  readonly memory: WebAssembly.Memory;
  /**
   * Allocates `bytes` bytes, uninitialized, on cache lines of their own; returns their address. Throws DeviceMemoryError.
   */
  allocate(bytes: number): number;
  /** The same, filled with zeros. */
  allocateZeros(bytes: number): number;
  free(address: number): void;
  /** Frees all but the first `bytes` bytes of an allocation. */
  shrink(address: number, bytes: number): void;
  /** Bytes that are in use. */
  used(): number;
}

/** Allocates from address `start` on; the memory grows as needed. At most `maxBytes` bytes may be in use at a time. */
export function createMemory(memory: WebAssembly.Memory, start: number, maxBytes = maxMemory): Memory {
  const taken = new Map<number, number>();
  let inUse = 0;
  /** Memory from here on was never used: it is zero, and the system has not yet mapped pages for it. */
  let fresh = start;
  const freeList = createFreeList(align(start), memory.buffer.byteLength);

  function allocate(bytes: number): number {
    const size = sizeFor(bytes);
    if (inUse + size > maxBytes) throw doesNotFit(size);
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

  /** Grows the memory by what is missing at its end, and takes `size` bytes there. */
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
      `The model does not fit into the CPU's memory of ${gigabytes(maxBytes)}: ${gigabytes(inUse)} are in use and ` +
        `${gigabytes(size)} more are needed. A smaller or more strongly quantized model will fit.`,
      inUse + size,
    );

  return { memory, allocate, allocateZeros, free, shrink, used: () => inUse };
}

const sizeFor = (bytes: number) => Math.max(align(bytes), alignment);

export const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`;
