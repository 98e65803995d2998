// A plan as the walker reads it: a list of kernel calls in an order that needs few barriers. See call.simd.ts for a call.

import type { Call, CpuKernel } from "../../ops/op";
import type { Operand, Plan, Step } from "../../plan";
import { align } from "./memory";

/** A piece of memory: of the arena that plans share, from whose beginning its address counts then, or a resident. */
export interface Region {
  address: number;
  bytes: number;
  kind: "arena" | "state" | "constant";
}

interface Access {
  reads: readonly Region[];
  writes: Region;
}

export interface KernelCall extends Access {
  kernel: CpuKernel;
  params: readonly number[];
  inputs: readonly Region[];
  scratch?: Region;
}

export interface Places {
  /** Where an operand lies. */
  regionOf(operand: Operand): Region;
  layoutOf(operand: Operand): string;
}

export const callBytes = 256;

/** The kernels that the steps of a plan call. Kernels that repeat what another has left are dropped. */
export function lower(plan: Plan, { regionOf, layoutOf }: Places): KernelCall[] {
  const calls: KernelCall[] = [];
  /** What kernels left, by what they did; until an input is written again. */
  const left = new Map<string, KernelCall>();
  for (const step of plan.steps) {
    const inputs = step.inputs.map(regionOf);
    const output = regionOf(step.output);
    let scratch: Region | undefined;
    for (const kernel of step.op.cpu(callOf(step, layoutOf))) {
      const params = Object.values(kernel.params ?? step.params);
      const reads = kernel.reads?.map((i) => inputs[i]) ?? inputs;
      const key = `${kernel.kernel} ${params} ${reads.map(({ kind, address }) => kind + address)}`;
      if (kernel.leaves && left.has(key)) {
        scratch = left.get(key)!.writes;
        continue;
      }
      // Scratch memory gets its address in `placeScratch`.
      const writes = kernel.leaves ? { address: 0, bytes: kernel.leaves, kind: "arena" as const } : output;
      const call = { kernel, params, inputs, scratch, reads: scratch ? [...reads, scratch] : reads, writes };
      for (const [done, { reads }] of left) if (reads.some((read) => overlap(read, writes))) left.delete(done);
      if (kernel.leaves) left.set(key, call);
      calls.push(call);
      scratch = kernel.leaves ? writes : scratch;
    }
  }
  return calls;
}

function callOf({ params, inputs, output }: Step, layoutOf: Places["layoutOf"]): Call {
  return { params, shapes: inputs.map(({ shape }) => shape), layouts: inputs.map(layoutOf), output: output.shape };
}

/** Gives what kernels leave addresses from `start` on, each until its last reader has run; returns where they end. */
export function placeScratch(calls: readonly KernelCall[], start: number): number {
  const lastUse = new Map<Region, number>();
  for (const [i, { scratch }] of calls.entries()) if (scratch) lastUse.set(scratch, i);
  let live: Region[] = [];
  let end = start;
  for (const [i, { kernel, writes }] of calls.entries()) {
    if (!kernel.leaves) continue;
    live = live.filter((region) => lastUse.get(region)! >= i);
    live.sort((a, b) => a.address - b.address);
    let address = start;
    for (const region of live) {
      if (region.address - address >= writes.bytes) break;
      address = Math.max(address, region.address + align(region.bytes));
    }
    writes.address = address;
    live.push(writes);
    end = Math.max(end, address + align(writes.bytes));
  }
  return end;
}

/** The calls in phases: a call goes into the first phase after those whose writes it reads or overwrites. */
export function schedule<C extends Access>(calls: readonly C[]): C[][] {
  const seen: { region: Region; read: number; write: number }[] = [];
  const phases: C[][] = [];
  for (const call of calls) {
    const reads = call.reads.filter(({ kind }) => kind !== "constant");
    let phase = 0;
    for (const { region, read, write } of seen) {
      if (overlap(region, call.writes)) phase = Math.max(phase, read + 1, write + 1);
      else if (reads.some((input) => overlap(region, input))) phase = Math.max(phase, write + 1);
    }
    const touch = (region: Region) => {
      const known = seen.find((other) => same(other.region, region));
      if (known) return known;
      seen.push({ region, read: -1, write: -1 });
      return seen.at(-1)!;
    };
    for (const input of reads) touch(input).read = Math.max(touch(input).read, phase);
    touch(call.writes).write = phase;
    (phases[phase] ??= []).push(call);
  }
  return phases;
}

const overlap = (a: Region, b: Region) =>
  a.kind === b.kind && a.address < b.address + b.bytes && b.address < a.address + a.bytes;

const same = (a: Region, b: Region) => a.kind === b.kind && a.address === b.address && a.bytes === b.bytes;

/** Writes the calls into `bytes`, for an arena at an address. */
export function encode(
  phases: readonly (readonly KernelCall[])[],
  arena: number,
  bytes: Uint8Array,
  opcodeOf: (kernel: string) => number,
): void {
  const addressOf = ({ kind, address }: Region) => (kind === "arena" ? arena + address : address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const [phase, calls] of phases.entries())
    for (const [i, { kernel, params, inputs, scratch, writes }] of calls.entries()) {
      if (inputs.length > 8 || params.length > 12)
        throw new Error(`${kernel.kernel} has too many inputs or parameters`);
      view.setInt32(at, opcodeOf(kernel.kernel), true);
      view.setInt32(at + 4, phase > 0 && i === 0 ? 1 : 0, true);
      view.setInt32(at + 8, kernel.items, true);
      view.setInt32(at + 12, kernel.grain, true);
      for (const [n, input] of inputs.entries()) view.setUint32(at + 16 + 4 * n, addressOf(input), true);
      view.setUint32(at + 48, addressOf(writes), true);
      view.setUint32(at + 52, scratch ? addressOf(scratch) : 0, true);
      for (const [n, param] of params.entries()) view.setFloat64(at + 64 + 8 * n, param, true);
      view.setInt32(at + 192, 0, true);
      at += callBytes;
    }
}
