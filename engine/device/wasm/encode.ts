// Encodes phases of kernel calls as a list in memory, for walk.simd.ts. call.simd.ts says what a call holds.

import type { Kernel } from "./kernels";
import type { KernelCall, Part, Region } from "./lower";
import type { Chain } from "./schedule";

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
  function writeCall(at: number, call: KernelCall, flags: number, chunks: number) {
    const { kernel, params, inputs, outputs, scratch } = call;
    const { opcode, params: declared } = kernelNamed(kernel.kernel);
    expectFits(call, declared);
    view.setInt32(at, opcode, true);
    view.setInt32(at + 4, flags, true);
    view.setInt32(at + 8, kernel.items, true);
    view.setInt32(at + 12, kernel.grain, true);
    for (const [n, input] of inputs.entries()) view.setUint32(at + 16 + 4 * n, startOf(input), true);
    for (const [n, output] of outputs.entries()) view.setUint32(at + 48 + 4 * n, startOf(output), true);
    view.setUint32(at + 64, scratch ? addressOf(scratch) : 0, true);
    view.setInt32(at + 68, chunks, true);
    for (const [n, { name, type }] of declared.entries())
      if (type === "f32") view.setFloat32(at + 80 + 4 * n, params[name], true);
      else view.setInt32(at + 80 + 4 * n, params[name], true);
  }

  bytes.fill(0);
  let at = 0;
  for (const chains of phases) {
    const first = at;
    let phaseChunks = 0;
    for (const calls of chains)
      for (const [i, call] of calls.entries()) {
        const chunks = i > 0 ? 0 : Math.ceil(call.kernel.items / call.kernel.grain);
        writeCall(at, call, (at === first ? beginsPhase : 0) | (i > 0 ? chained : 0), chunks);
        phaseChunks += chunks;
        at += callBytes;
      }
    view.setInt32(first + 72, phaseChunks, true);
  }
}

/** Throws an Error where the kernel declares other params than the op has, or the call has more than there is room for. */
function expectFits({ kernel: { kernel }, params, inputs, outputs }: KernelCall, declared: Kernel["params"]) {
  const [wanted, given] = [declared.map(({ name }) => name).join(", "), Object.keys(params).join(", ")];
  if (wanted !== given)
    throw new Error(`The CPU's kernel ${kernel} declares the params ${wanted}; the op has ${given}`);
  if (inputs.length > 8 || outputs.length > 4 || declared.length > 28)
    throw new Error(`The CPU's kernel ${kernel} has more than 8 inputs, 4 outputs or 28 params`);
}

/** Flags of a call: see call.simd.ts. */
const beginsPhase = 1;
const chained = 2;
