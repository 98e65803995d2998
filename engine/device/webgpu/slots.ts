// Working memory of plans. They run one after the other, so that all share the same buffers; but a plan that may be
// interrupted has its own.

import type { Memory } from "./memory";

interface Shared {
  buffer: GPUBuffer;
  /** Plans that have bound it; with the last of them it goes. */
  users: number;
}

interface Lent {
  buffers: GPUBuffer[];
  giveBack(): void;
}

export function createSlots(memory: Memory) {
  const pool: Shared[] = [];

  /** Shared buffers for a plan's slots, and what gives them back. */
  async function lend(sizes: readonly number[]): Promise<Lent> {
    const lent: Shared[] = [];
    const giveBack = () => lent.forEach(release);
    const order = sizes.map((_, slot) => slot).sort((a, b) => sizes[b] - sizes[a]);
    try {
      for (const slot of order) lent[slot] = borrow(sizes[slot], lent) ?? (await make(sizes[slot]));
    } catch (error) {
      giveBack();
      throw error;
    }
    return { buffers: lent.map(({ buffer }) => buffer), giveBack };
  }

  /** The smallest buffer that fits and is not among those that the plan has already. */
  function borrow(bytes: number, lent: readonly Shared[]): Shared | undefined {
    const fitting = pool.filter((shared) => shared.buffer.size >= bytes && !lent.includes(shared));
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

  function release(shared: Shared) {
    if (--shared.users > 0) return;
    pool.splice(pool.indexOf(shared), 1);
    memory.free(shared.buffer);
  }

  /** Buffers for the slots of one plan alone. */
  async function own(sizes: readonly number[]): Promise<Lent> {
    const buffers: GPUBuffer[] = [];
    const giveBack = () => buffers.forEach(memory.free);
    try {
      for (const bytes of sizes) buffers.push(await memory.allocate("working memory", bytes));
    } catch (error) {
      giveBack();
      throw error;
    }
    return { buffers, giveBack };
  }

  return { lend, own };
}
