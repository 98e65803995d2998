// The one memory that all threads share, handed out in pieces.

const page = 65536;
const mostPages = 65536;
const alignment = 64;

/** The model needs more memory than there is. The sentence is shown to the user. */
export class DeviceMemoryError extends Error {
  override name = "DeviceMemoryError";
}

interface Gap {
  from: number;
  to: number;
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
  /** What is not taken, in order of address; neighbours are joined. */
  let gaps: Gap[] = [{ from: align(start), to: memory.buffer.byteLength }];

  function allocate(bytes: number): number {
    const size = Math.max(align(bytes), alignment);
    const gap = gaps.find(({ from, to }) => to - from >= size) ?? grow(size);
    const address = gap.from;
    gap.from += size;
    gaps = gaps.filter(({ from, to }) => to > from);
    taken.set(address, size);
    fresh = Math.max(fresh, gap.from);
    return address;
  }

  function allocateZeros(bytes: number): number {
    const end = fresh;
    const address = allocate(bytes);
    new Uint8Array(memory.buffer).fill(0, address, Math.max(address, Math.min(end, address + bytes)));
    return address;
  }

  /** Makes a gap of `size` bytes at the end. */
  function grow(size: number): Gap {
    const end = memory.buffer.byteLength;
    const last: Gap | undefined = gaps.at(-1);
    const gap = last?.to === end ? last : { from: end, to: end };
    const more = Math.ceil((gap.from + size - end) / page);
    try {
      if (end / page + more > pages) throw new RangeError();
      memory.grow(more);
    } catch {
      throw new DeviceMemoryError(
        `The model does not fit into the CPU's memory of ${gigabytes(pages * page)}: ${gigabytes(used())} are in use and ` +
          `${gigabytes(size)} more are needed. A smaller or more strongly quantized model will fit.`,
      );
    }
    if (gap !== last) gaps.push(gap);
    gap.to = memory.buffer.byteLength;
    return gap;
  }

  function free(address: number) {
    const size = taken.get(address);
    if (size === undefined) throw new Error(`There is nothing to free at ${address}`);
    taken.delete(address);
    gaps.push({ from: address, to: address + size });
    gaps.sort((a, b) => a.from - b.from);
    gaps = gaps.reduce<Gap[]>((joined, gap) => {
      const last = joined.at(-1);
      if (last?.to === gap.from) last.to = gap.to;
      else joined.push(gap);
      return joined;
    }, []);
  }

  const used = () => [...taken.values()].reduce((sum, size) => sum + size, 0);
  return { memory, allocate, allocateZeros, free, used };
}

export const align = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`;
