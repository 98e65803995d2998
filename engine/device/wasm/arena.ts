// The working memory of plans: intermediate values, kernels' scratch memory, and each thread's local memory. Plans run
// one after the other, so they all share one arena, which is as large as the largest of them needs.

import type { Memory } from "./memory";

export interface Arena {
  /** Changes when the arena has to grow. */
  readonly address: number;
  /** Keeps the arena at least `bytes` large until the returned function is called. Throws DeviceMemoryError. */
  reserve(bytes: number): () => void;
}

export function createArena(memory: Memory): Arena {
  const reserved: number[] = [];
  let bytes = 0;
  let address = memory.allocate(bytes);

  /** Moves the arena, with the outputs of plans in it. */
  function grow(size: number) {
    const next = memory.allocate(size);
    new Uint8Array(memory.memory.buffer).copyWithin(next, address, address + bytes);
    memory.free(address);
    [address, bytes] = [next, size];
  }

  return {
    get address() {
      return address;
    },
    reserve(size) {
      if (size > bytes) grow(size);
      reserved.push(size);
      return () => {
        reserved.splice(reserved.indexOf(size), 1);
        bytes = reserved.reduce((max, size) => Math.max(max, size), 0);
        memory.shrink(address, bytes);
      };
    },
  };
}
