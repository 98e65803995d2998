// What plans use while they run: slots, what kernels leave, memory of each thread's own. They run one after the other, so
// that all share one stretch, as large as the largest of them needs.

import type { Memory } from "./memory";

export interface Arena {
  /** May change when memory is reserved. */
  readonly address: number;
  /** Sees to it that the arena holds so many bytes, until the returned function is called. */
  reserve(bytes: number): () => void;
}

export function createArena(memory: Memory): Arena {
  const reserved: number[] = [];
  let bytes = 0;
  let address = memory.allocate(bytes);

  /** What plans have put out moves along. */
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
        bytes = reserved.reduce((most, size) => Math.max(most, size), 0);
        memory.shrink(address, bytes);
      };
    },
  };
}
