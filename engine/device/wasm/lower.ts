// Lowers a plan to the kernel calls of its steps. The plan's own slots are not used: every value gets a region of the arena,
// and schedule.ts finds its place, so that no call waits only because its output reuses another's memory.

import type { Operand, Plan, Step } from "../../graph/plan";
import { sizeOf } from "../../graph/tensor";
import type { Call, CpuKernel, Params } from "../../ops/op";
import type { NamedOperand } from "../namespace";

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
  /** Scratch regions by what is computed of what. */
  const computed = new Map<string, Region>();
  const versions = createVersions();

  const partOf = (operand: Operand): Part => ({
    region: operand.place.kind === "slot" ? slots.get(operand.place.slot)! : regionOf(operand as NamedOperand),
    from: operand.offset * 4,
  });

  function lowerStep(step: Step) {
    const { op } = step;
    const inputs = step.inputs.map(partOf);
    for (const { place, shape } of step.outputs.slice(op.inPlace ? 1 : 0))
      if (place.kind === "slot") slots.set(place.slot, arenaRegion(sizeOf(shape) * 4));
    const outputs = step.outputs.map(partOf);
    /** What the step's kernel before has written for the next one. */
    let scratch: Region | undefined;
    for (const kernel of op.cpu(callOf(step, layoutOf), threads)) {
      const read = kernel.reads?.map((i) => inputs[i]) ?? inputs;
      const reads = [...read.map(({ region }) => region), ...(scratch ? [scratch] : [])];
      const call = { kernel, params: kernel.params ?? step.params, inputs, scratch, reads };
      if (kernel.scratchBytes) scratch = scratchOf(call, read, kernel.scratchBytes);
      else addCall({ ...call, outputs, writes: outputs.map(({ region }) => region) });
    }
  }

  function addCall(call: KernelCall) {
    calls.push(call);
    call.writes.forEach(versions.written);
  }

  /** The region of a call's scratch values. The call is added, unless an earlier one computed the same. */
  function scratchOf(call: Omit<KernelCall, "outputs" | "writes">, read: readonly Part[], bytes: number): Region {
    const { kernel, params, scratch } = call;
    const values = read.map(({ region, from }) => `${versions.of(region)}+${from}`);
    const key = [kernel.kernel, ...Object.values(params), "of", ...values, scratch && versions.of(scratch)].join(" ");
    const known = computed.get(key);
    if (known) return known;
    const region = arenaRegion(bytes);
    computed.set(key, region);
    calls.push({ ...call, outputs: [{ region, from: 0 }], writes: [region] });
    return region;
  }

  plan.steps.forEach(lowerStep);
  const outputs = Object.entries<Operand>(plan.outputs).map(([name, operand]) => [name, partOf(operand)] as const);
  return { calls, outputs: Object.fromEntries(outputs) };
}

/** Numbers for what regions hold: a region has another one after it is written. */
function createVersions() {
  const versions = new Map<Region, number>();
  let count = 0;
  return {
    of(region: Region): number {
      const version = versions.get(region) ?? count++;
      versions.set(region, version);
      return version;
    },
    written(region: Region) {
      versions.delete(region);
    },
  };
}

const arenaRegion = (bytes: number): Region => ({ address: 0, bytes, arena: true, constant: false });

function callOf({ params, inputs, outputs }: Step, layoutOf: Places["layoutOf"]): Call {
  const [shapes, results] = [inputs, outputs].map((operands) => operands.map(({ shape }) => shape));
  return { params, shapes, layouts: inputs.map(layoutOf), outputs: results };
}
