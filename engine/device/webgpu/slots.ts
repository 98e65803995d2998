// The working memory of plans: a buffer for each slot. Plans run one after the other, so they share buffers; only a
// resumable plan has buffers of its own.

import type { Memory } from "./memory";

interface Shared {
  buffer: GPUBuffer;
  /** How many plans use it. It is freed with the last of them. */
  users: number;
}

interface WorkingMemory {
  buffers: GPUBuffer[];
  release(): void;
}

export function createSlots(memory: Memory) {
  const pool: Shared[] = [];

  /** Shared buffers for a plan's slots. */
  async function share(sizes: readonly number[]): Promise<WorkingMemory> {
    const taken: Shared[] = [];
    const release = () => taken.forEach(removeUser);
    const order = sizes.map((_, slot) => slot).sort((a, b) => sizes[b] - sizes[a]);
    try {
      for (const slot of order) taken[slot] = reuse(sizes[slot], taken) ?? (await make(sizes[slot]));
    } catch (error) {
      release();
      throw error;
    }
    return { buffers: taken.map(({ buffer }) => buffer), release };
  }

  /** The smallest shared buffer that is large enough and that the plan does not use yet. */
  function reuse(bytes: number, taken: readonly Shared[]): Shared | undefined {
    const fitting = pool.filter((shared) => shared.buffer.size >= bytes && !taken.includes(shared));
    if (fitting.length === 0) return undefined;
    const shared = fitting.reduce((best, shared) => (shared.buffer.size < best.buffer.size ? shared : best));
    shared.users++;
    return shared;
  }

  async function make(bytes: number): Promise<Shared> {
    const shared = { buffer: await memory.allocate("working memory", bytes), users: 1 };
    pool.push(shared);
    return shared;
  }

  function removeUser(shared: Shared) {
    if (--shared.users > 0) return;
    pool.splice(pool.indexOf(shared), 1);
    memory.free(shared.buffer);
  }

  /** Buffers for the slots of one plan alone. */
  async function own(sizes: readonly number[]): Promise<WorkingMemory> {
    const buffers: GPUBuffer[] = [];
    const release = () => buffers.forEach(memory.free);
    try {
      for (const bytes of sizes) buffers.push(await memory.allocate("working memory", bytes));
    } catch (error) {
      release();
      throw error;
    }
    return { buffers, release };
  }

  return { share, own };
}
