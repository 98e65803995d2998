// Encodes a plan as a list of kernel calls for walk.simd.ts, in an order that needs few barriers. call.simd.ts says what
// a call holds.
//
// The plan's own slots are not used. Every value gets a region of the arena for the phases in which it is live, so that
// no call waits only because its output reuses another's memory.

import type { Operand, Plan, Step } from "../../graph/plan";
import { sizeOf } from "../../graph/tensor";
import type { Call, CpuKernel, Params } from "../../ops/op";
import type { NamedOperand } from "../namespace";
import { createFreeList } from "./freeList";
import type { Kernel } from "./kernels";
import { align } from "./memory";

/** A piece of memory. In the arena, which may move, the address is relative to its beginning. */
export interface Region {
  address: number;
  bytes: number;
  arena: boolean;
  /** Whether it is read-only: a weight or a constant. */
  constant: boolean;
}

/** The values of a region from byte `from` on. */
export interface Part {
  region: Region;
  from: number;
}

export interface KernelCall {
  kernel: CpuKernel;
  params: Params;
  inputs: readonly Part[];
  outputs: readonly Part[];
  /** What the kernel before, of the same op, has written for this one. */
  scratch?: Region;
  reads: readonly Region[];
  writes: readonly Region[];
}

/** Calls that one thread runs in order, without a barrier in between. */
type Chain<C> = C[];

export interface Places {
  /** The region of a weight, constant or state. The same name gives the same object. */
  regionOf(operand: NamedOperand): Region;
  layoutOf(operand: Operand): string;
}

/**
 * The kernel calls of a plan's steps, and where its outputs are. Scratch values are shared: a kernel that would compute
 * the same from the same values as an earlier one is not called again.
 */
export function lower(plan: Plan, threads: number, { regionOf, layoutOf }: Places) {
  const calls: KernelCall[] = [];
  /** The value that a slot holds at this step. */
  const slots = new Map<number, Region>();
  /**
   * Scratch regions by kernel, params and the versions of the values read. A region has a new version once it is written.
   */
  const computed = new Map<string, Region>();
  const versions = new Map<Region, number>();
  let counted = 0;
  const versionOf = (region: Region) => {
    if (!versions.has(region)) versions.set(region, counted++);
    return versions.get(region)!;
  };
  const partOf = (operand: Operand): Part => ({
    region: operand.place.kind === "slot" ? slots.get(operand.place.slot)! : regionOf(operand as NamedOperand),
    from: operand.offset * 4,
  });

  for (const step of plan.steps) {
    const inputs = step.inputs.map(partOf);
    for (const { place, shape } of step.outputs.slice(step.op.inPlace ? 1 : 0))
      if (place.kind === "slot") slots.set(place.slot, arenaRegion(sizeOf(shape) * 4));
    const outputs = step.outputs.map(partOf);
    let scratch: Region | undefined;
    for (const kernel of step.op.cpu(callOf(step, layoutOf), threads)) {
      const params = kernel.params ?? step.params;
      const read = kernel.reads?.map((i) => inputs[i]) ?? inputs;
      const reads = [...read.map(({ region }) => region), ...(scratch ? [scratch] : [])];
      if (!kernel.scratchBytes) {
        const writes = outputs.map(({ region }) => region);
        calls.push({ kernel, params, inputs, outputs, scratch, reads, writes });
        for (const region of writes) versions.delete(region);
        continue;
      }
      const of = [...read.map(({ region, from }) => `${versionOf(region)}+${from}`), scratch && versionOf(scratch)];
      const key = [kernel.kernel, ...Object.values(params), "of", ...of].join(" ");
      const result = computed.get(key) ?? arenaRegion(kernel.scratchBytes);
      if (!computed.has(key)) {
        calls.push({
          kernel,
          params,
          inputs,
          outputs: [{ region: result, from: 0 }],
          scratch,
          reads,
          writes: [result],
        });
        computed.set(key, result);
      }
      scratch = result;
    }
  }
  const outputs = Object.fromEntries(
    Object.entries<Operand>(plan.outputs).map(([name, operand]) => [name, partOf(operand)]),
  );
  return { calls, outputs };
}

const arenaRegion = (bytes: number): Region => ({ address: 0, bytes, arena: true, constant: false });

function callOf({ params, inputs, outputs }: Step, layoutOf: Places["layoutOf"]): Call {
  const [shapes, results] = [inputs, outputs].map((operands) => operands.map(({ shape }) => shape));
  return { params, shapes, layouts: inputs.map(layoutOf), outputs: results };
}

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

export const callBytes = 192;

/** Bytes of a list of calls, with the empty one that ends it: a multiple of 64, so that arrays may follow. */
export const listBytes = (calls: number): number => (calls + 1) * callBytes;

/** Writes the calls into `bytes`, for an arena that begins at address `arena`. */
export function encode(
  phases: readonly (readonly Chain<KernelCall>[])[],
  arena: number,
  bytes: Uint8Array,
  kernelNamed: (name: string) => Kernel,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const addressOf = (region: Region) => (region.arena ? arena : 0) + region.address;
  const startOf = ({ region, from }: Part) => addressOf(region) + from;
  bytes.fill(0);
  let at = 0;
  for (const chains of phases) {
    const first = at;
    let phaseChunks = 0;
    for (const calls of chains)
      for (const [i, { kernel, params, inputs, outputs, scratch }] of calls.entries()) {
        const { opcode, params: declared } = kernelNamed(kernel.kernel);
        const [wanted, given] = [declared.map(({ name }) => name).join(", "), Object.keys(params).join(", ")];
        if (wanted !== given)
          throw new Error(`The CPU's kernel ${kernel.kernel} declares the params ${wanted}; the op has ${given}`);
        if (inputs.length > 8 || outputs.length > 4 || declared.length > 28)
          throw new Error(`The CPU's kernel ${kernel.kernel} has more than 8 inputs, 4 outputs or 28 params`);
        const chunks = i > 0 ? 0 : Math.ceil(kernel.items / kernel.grain);
        view.setInt32(at, opcode, true);
        view.setInt32(at + 4, (at === first ? beginsPhase : 0) | (i > 0 ? chained : 0), true);
        view.setInt32(at + 8, kernel.items, true);
        view.setInt32(at + 12, kernel.grain, true);
        for (const [n, input] of inputs.entries()) view.setUint32(at + 16 + 4 * n, startOf(input), true);
        for (const [n, output] of outputs.entries()) view.setUint32(at + 48 + 4 * n, startOf(output), true);
        view.setUint32(at + 64, scratch ? addressOf(scratch) : 0, true);
        view.setInt32(at + 68, chunks, true);
        for (const [n, { name, type }] of declared.entries())
          if (type === "f32") view.setFloat32(at + 80 + 4 * n, params[name], true);
          else view.setInt32(at + 80 + 4 * n, params[name], true);
        phaseChunks += chunks;
        at += callBytes;
      }
    view.setInt32(first + 72, phaseChunks, true);
  }
}

/** Flags of a call: see call.simd.ts. */
const beginsPhase = 1;
const chained = 2;
