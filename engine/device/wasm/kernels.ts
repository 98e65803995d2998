// The compiled kernels: with relaxed SIMD where this Node has it, which for 4-bit weights is twice as fast.

import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { built } from "../../assets";

/** What an instance of the kernels exports, besides the kernels. See walk.simd.ts. */
export interface KernelExports {
  enlist(thread: number): void;
  run(): number;
  resume(): number;
  serve(): void;
  rest(): void;
  breakOff(): void;
  isBroken(): number;
  heapAddress(): number;
}

/** Where the words of control.simd.ts are that the host reads and writes. */
export const control = { interrupt: 1024, order: 1408 };

export type KernelFile = "kernels.wasm" | "kernels-plain.wasm";

/** The kernels with relaxed SIMD where it is at hand. */
export function bestKernels(): KernelFile {
  // Node 20 has it behind this flag; later ones have it anyway, and ignore the flag.
  if (!WebAssembly.validate(relaxedSimd)) setFlagsFromString("--experimental-wasm-relaxed-simd");
  return WebAssembly.validate(relaxedSimd) ? "kernels.wasm" : "kernels-plain.wasm";
}

const compiled = new Map<KernelFile, Promise<WebAssembly.Module>>();

export function compileKernels(file: KernelFile): Promise<WebAssembly.Module> {
  if (!compiled.has(file)) compiled.set(file, compile(file));
  return compiled.get(file)!;
}

const compile = async (file: KernelFile) => WebAssembly.compile(await readFile(built(file)));

/** A module of one function that multiplies two vectors the relaxed way. */
const relaxedSimd = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0], // a type: () → ()
  ...[3, 2, 1, 0], // a function of it
  ...[10, 16, 1, 14, 0, 0x41, 0, 0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x92, 0x02, 0x1a, 0x0b],
);

export async function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<KernelExports> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort() {} } });
  return exports as unknown as KernelExports;
}

/** A kernel in the walker's list, and its params, in order. */
export interface Kernel {
  opcode: number;
  params: readonly { name: string; type: "i32" | "f32" }[];
}

/** The kernels by their names, as tools/kernels.mjs has listed them in the module. */
export function kernelsIn(module: WebAssembly.Module): (name: string) => Kernel {
  const [section] = WebAssembly.Module.customSections(module, "kernels");
  const list: (Pick<Kernel, "params"> & { name: string })[] = JSON.parse(new TextDecoder().decode(section));
  const kernels = new Map(list.map(({ name, params }, opcode) => [name, { opcode, params }]));
  return (name) => {
    const kernel = kernels.get(name);
    if (!kernel) throw new Error(`The CPU has no kernel named ${name}`);
    return kernel;
  };
}
