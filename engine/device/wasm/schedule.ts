// Sorts kernel calls into phases, in an order that needs few barriers, and gives their values places in the arena.

import { createFreeList } from "./freeList";
import type { KernelCall, Region } from "./lower";
import { align } from "./memory";

/** Calls that one thread runs in order, without a barrier in between. */
export type Chain<C> = C[];

/**
 * Sorts the calls into phases, which barriers separate. A call depends on the earlier calls that write what it reads, and
 * on those that read or write what it writes. It goes into the first phase after all of them. But where those in the last
 * of their phases are one chain, and it and the call are each a single chunk of work, the call is appended to the chain.
 */
export function schedule<C extends Pick<KernelCall, "kernel" | "reads" | "writes">>(calls: readonly C[]): Chain<C>[][] {
  const phases: Chain<C>[][] = [];
  /** The calls that have last written each region, and those that have read it since. */
  const touched = new Map<Region, { read: Placed[]; write?: Placed }>();
  interface Placed {
    phase: number;
    chain: Chain<C>;
  }
  for (const call of calls) {
    const reads = call.reads.filter(({ constant }) => !constant);
    const before = call.writes.map((region) => touched.get(region));
    const waitsFor = [
      ...reads.map((region) => touched.get(region)?.write),
      ...before.flatMap((touch) => [...(touch?.read ?? []), touch?.write]),
    ].filter((placed) => placed !== undefined);
    const latest = waitsFor.reduce((phase, placed) => Math.max(phase, placed.phase), -1);
    const chains = new Set(waitsFor.filter(({ phase }) => phase === latest).map(({ chain }) => chain));
    const [chain] = chains;
    let placed: Placed;
    if (chains.size === 1 && isSmall(call) && isSmall(chain[0])) {
      placed = { phase: latest, chain };
      chain.push(call);
    } else {
      placed = { phase: Math.max(latest + 1, phases.length - maxAhead), chain: [call] };
      (phases[placed.phase] ??= []).push(placed.chain);
    }
    for (const region of reads) {
      if (!touched.has(region)) touched.set(region, { read: [] });
      touched.get(region)!.read.push(placed);
    }
    for (const region of call.writes) touched.set(region, { read: [], write: placed });
  }
  return phases;
}

/** How many phases early a call may run: a value that is computed long before it is read takes memory until then. */
const maxAhead = 4;

const isSmall = ({ kernel }: Pick<KernelCall, "kernel">) => kernel.items <= kernel.grain;

/** Assigns addresses to the arena's regions, whose memory is reused once they are dead; returns the bytes they need. */
export function place(phases: readonly (readonly Chain<KernelCall>[])[], outputs: readonly Region[]): number {
  const lives = new Map<Region, { from: number; to: number }>();
  for (const [phase, chains] of phases.entries())
    for (const { reads, writes } of chains.flat())
      for (const region of [...reads, ...writes]) {
        if (!region.arena) continue;
        const life = lives.get(region) ?? { from: phase, to: phase };
        life.to = phase;
        lives.set(region, life);
      }
  for (const region of outputs) if (region.arena) lives.get(region)!.to = phases.length;

  const freeList = createFreeList(0, Number.POSITIVE_INFINITY);
  const dying: Region[][] = [...phases, []].map(() => []);
  let [end, now] = [0, 0];
  for (const [region, { from, to }] of lives) {
    for (; now < from; now++)
      for (const { address, bytes } of dying[now]) freeList.give(address, address + align(bytes));
    region.address = freeList.take(align(region.bytes))!;
    dying[to].push(region);
    end = Math.max(end, region.address + align(region.bytes));
  }
  return end;
}
