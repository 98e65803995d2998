// Compiles the CPU kernels, engine/**/*.simd.ts (AssemblyScript), into dist/kernels.wasm.
export async function buildKernels() {}
