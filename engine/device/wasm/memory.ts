// The one memory that all threads share, handed out in pieces.

import { createFreeList } from "./freeList";

const page = 65536;
const mostPages = 65536;
const alignment = 64;

/** The model needs more memory than there is. The sentence is shown to the user. */
export class DeviceMemoryError extends Error {
  override name = "DeviceMemoryError";
}

export interface Memory {
  readonly memory: WebAssembly.Memory;
  /** The address of `bytes` bytes of whatever was there before, on a cache line of their own. */
  allocate(bytes: number): number;
  /** The same, zeroed. */
  allocateZeros(bytes: number): number;
  free(address: number): void;
  /** Bytes that are in use. */
  used(): number;
}

/** Hands out what lies between `start` and the end of the memory, which grows as needed, as far as `pages`. */
export function createMemory(memory: WebAssembly.Memory, start: number, pages = mostPages): Memory {
  const taken = new Map<number, number>();
  /** Nothing from here on was ever handed out: it is zero, and the system has not set pages aside for it yet. */
  let fresh = start;
  const freeList = createFreeList(align(start), memory.buffer.byteLength);

  function allocate(bytes: number): number {
    const size = Math.max(align(bytes), alignment);
    const address = freeList.take(size) ?? grow(size);
    taken.set(address, size);
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
      if (end / page + more > pages) throw new RangeError();
      memory.grow(more);
    } catch {
      throw new DeviceMemoryError(
        `The model does not fit into the CPU's memory of ${gigabytes(pages * page)}: ${gigabytes(used())} are in use and ` +
          `${gigabytes(size)} more are needed. A smaller or more strongly quantized model will fit.`,
      );
    }
    freeList.give(end, memory.buffer.byteLength);
    return freeList.take(size)!;
  }

  function free(address: number) {
    const size = taken.get(address);
    if (size === undefined) throw new Error(`There is nothing to free at ${address}`);
    taken.delete(address);
    freeList.give(address, address + size);
  }

  const used = () => [...taken.values()].reduce((sum, size) => sum + size, 0);
  return { memory, allocate, allocateZeros, free, used };
}

export const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`;
