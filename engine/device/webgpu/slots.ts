// Working memory of plans. One plan runs at a time, so that all share the same buffers, the largest slot the largest one;
// but one that may be interrupted has its own.

import type { Memory } from "./memory";

interface Shared {
  buffer: GPUBuffer;
  /** Plans that have bound it. */
  users: number;
}

interface Lent {
  buffers: GPUBuffer[];
  giveBack(): void;
}

export function createSlots(memory: Memory) {
  /** By falling size. What a plan has bound stays until that plan goes, even where a larger one has taken its place. */
  const arena: Shared[] = [];

  /** Shared buffers for a plan's slots, and what gives them back. */
  async function lend(sizes: readonly number[]): Promise<Lent> {
    const order = sizes.map((_, slot) => slot).sort((a, b) => sizes[b] - sizes[a]);
    const lent: Shared[] = [];
    const giveBack = () => lent.forEach(release);
    try {
      for (const [i, slot] of order.entries()) {
        if (!arena[i] || arena[i].buffer.size < sizes[slot]) await grow(i, sizes[slot]);
        lent[slot] = arena[i];
        lent[slot].users++;
      }
    } catch (error) {
      giveBack();
      throw error;
    }
    return { buffers: lent.map(({ buffer }) => buffer), giveBack };
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

  async function grow(i: number, bytes: number) {
    const buffer = await memory.allocate("working memory", bytes);
    const replaced = arena[i];
    arena[i] = { buffer, users: 0 };
    if (replaced?.users === 0) memory.free(replaced.buffer);
  }

  function release(shared: Shared) {
    shared.users--;
    if (shared.users === 0 && !arena.includes(shared)) memory.free(shared.buffer);
  }

  return { lend, own };
}
