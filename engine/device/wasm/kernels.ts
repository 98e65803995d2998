// Loads the compiled CPU kernels. They use relaxed SIMD where this Node has it, which is twice as fast on 4-bit weights.

import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { built } from "../../assets";

/** What an instance of the kernels exports to the host. See walk.simd.ts. */
export interface KernelExports {
  setThread(thread: number): void;
  run(): number;
  resume(): number;
  serve(): void;
  wakeAll(): void;
  markBroken(): void;
  isBroken(): number;
  heapAddress(): number;
}

/** Addresses of the words of control.simd.ts that the host reads and writes. */
export const control = { interrupt: 1024, command: 1408 };

export type KernelFile = "kernels.wasm" | "kernels-plain.wasm";

/** The kernels that use relaxed SIMD where this Node has it, else those that do not. */
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

/** A module with one function, which calls i16x8.relaxed_dot_i8x16_i7x16_s. */
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

/** A kernel's number for the walker, and its params in order. */
export interface Kernel {
  opcode: number;
  params: readonly { name: string; type: "i32" | "f32" }[];
}

/**
 * Looks a kernel up by its name, in the list that tools/kernels.mjs writes into the module. Throws where there is none.
 */
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
