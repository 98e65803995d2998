// A plan as the walker reads it: a list of kernel calls in an order that needs few barriers. See call.simd.ts for a call.
//
// The plan's own slots are not used: every value gets a region of the arena for the phases in which it lives, so that no
// call has to wait only because its output lies where another's input did.

import type { Operand, Plan, Step } from "../../graph/plan";
import { sizeOf } from "../../graph/tensor";
import type { Call, CpuKernel, Params } from "../../ops/op";
import type { NamedOperand } from "../namespace";
import { createFreeList } from "./freeList";
import type { Kernel } from "./kernels";
import { align } from "./memory";

/** A piece of memory. An address in the arena, which may move, counts from its beginning. */
export interface Region {
  address: number;
  bytes: number;
  arena: boolean;
  /** Weights and constants: nobody writes them. */
  constant: boolean;
}

/** Values in a region, from a byte of it on. */
export interface Part {
  region: Region;
  from: number;
}

export interface KernelCall {
  kernel: CpuKernel;
  params: Params;
  inputs: readonly Part[];
  outputs: readonly Part[];
  /** What an earlier kernel of the same op has left. */
  scratch?: Region;
  reads: readonly Region[];
  writes: readonly Region[];
}

/** Calls that one thread makes one after the other, with no barrier between. */
type Chain<C> = C[];

export interface Places {
  /** Where a weight, constant or state lies: always the same object for the same name. */
  residentOf(operand: NamedOperand): Region;
  layoutOf(operand: Operand): string;
}

/** The kernels that a plan's steps call, and where its outputs are. What another kernel has left already is not redone. */
export function lower(plan: Plan, threads: number, { residentOf, layoutOf }: Places) {
  const calls: KernelCall[] = [];
  /** The value that a slot holds at this step. */
  const slots = new Map<number, Region>();
  /** What has been left, by what was done with which values: those of a region count as others once it is written. */
  const left = new Map<string, Region>();
  const values = new Map<Region, number>();
  let counted = 0;
  const valuesOf = (region: Region) => {
    if (!values.has(region)) values.set(region, counted++);
    return values.get(region)!;
  };
  const partOf = (operand: Operand): Part => ({
    region: operand.place.kind === "slot" ? slots.get(operand.place.slot)! : residentOf(operand as NamedOperand),
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
        for (const region of writes) values.delete(region);
        continue;
      }
      const of = [...read.map(({ region, from }) => `${valuesOf(region)}+${from}`), scratch && valuesOf(scratch)];
      const what = [kernel.kernel, ...Object.values(params), "of", ...of].join(" ");
      const leaves = left.get(what) ?? arenaRegion(kernel.scratchBytes);
      if (!left.has(what)) {
        calls.push({
          kernel,
          params,
          inputs,
          outputs: [{ region: leaves, from: 0 }],
          scratch,
          reads,
          writes: [leaves],
        });
        left.set(what, leaves);
      }
      scratch = leaves;
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
 * The calls in phases, with a barrier between. A call goes into the first phase after all of those that write what it
 * reads or touch what it writes; or behind the one chain of the phase before for which it would have to wait, where both
 * are too small to share.
 */
export function schedule<C extends Pick<KernelCall, "kernel" | "reads" | "writes">>(calls: readonly C[]): Chain<C>[][] {
  const phases: Chain<C>[][] = [];
  /** The last calls that read and wrote a region. */
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
      placed = { phase: Math.max(latest + 1, phases.length - mostAhead), chain: [call] };
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

/** Phases that a call may come before its turn: what is computed long before it is read takes memory until then. */
const mostAhead = 4;

const isSmall = ({ kernel }: Pick<KernelCall, "kernel">) => kernel.items <= kernel.grain;

/** Gives the arena's regions their addresses; returns the bytes they take together. */
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

/** Bytes of a list of so many calls; an empty one marks its end. A multiple of 64: arrays may follow. */
export const listBytes = (calls: number): number => (calls + 1) * callBytes;

/** Writes the calls into `bytes`, for an arena at an address. */
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
    let phaseShares = 0;
    for (const calls of chains)
      for (const [i, { kernel, params, inputs, outputs, scratch }] of calls.entries()) {
        const { opcode, params: declared } = kernelNamed(kernel.kernel);
        const [wanted, given] = [declared.map(({ name }) => name).join(", "), Object.keys(params).join(", ")];
        if (wanted !== given)
          throw new Error(`The CPU's kernel ${kernel.kernel} declares the params ${wanted}; the op has ${given}`);
        if (inputs.length > 8 || outputs.length > 4 || declared.length > 28)
          throw new Error(`${kernel.kernel} has too many inputs, outputs or parameters`);
        const shares = i > 0 ? 0 : Math.ceil(kernel.items / kernel.grain);
        view.setInt32(at, opcode, true);
        view.setInt32(at + 4, (at === first ? beginsPhase : 0) | (i > 0 ? chained : 0), true);
        view.setInt32(at + 8, kernel.items, true);
        view.setInt32(at + 12, kernel.grain, true);
        for (const [n, input] of inputs.entries()) view.setUint32(at + 16 + 4 * n, startOf(input), true);
        for (const [n, output] of outputs.entries()) view.setUint32(at + 48 + 4 * n, startOf(output), true);
        view.setUint32(at + 64, scratch ? addressOf(scratch) : 0, true);
        view.setInt32(at + 68, shares, true);
        for (const [n, { name, type }] of declared.entries())
          if (type === "f32") view.setFloat32(at + 80 + 4 * n, params[name], true);
          else view.setInt32(at + 80 + 4 * n, params[name], true);
        phaseShares += shares;
        at += callBytes;
      }
    view.setInt32(first + 72, phaseShares, true);
  }
}

/** Flags of a call: see call.simd.ts. */
const beginsPhase = 1;
const chained = 2;
