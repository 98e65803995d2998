// Which device to run on: a GPU where there is one that Node can read back from, else the CPU.

import { availableParallelism, cpus } from "node:os";
import type { Device } from "./device";
import { createReferenceDevice } from "./reference/reference";
import { createWasmDevice } from "./wasm";
import { createWebGpuDevice, mayHaveGpu, probeWebGpu } from "./webgpu";

/** "auto": a hardware GPU, else the CPU. "gpu" insists, and takes a software one too. */
export type DeviceChoice = "auto" | "cpu" | "gpu" | "reference";

export interface DeviceReport {
  choice: Exclude<DeviceChoice, "auto">;
  available: boolean;
  description: string;
  /** Whether "auto" would take it, or why not. */
  reason: string;
}

/** All cores, but one fewer where there are more than four, so that the editor stays quick. */
export const defaultThreads = (cores = availableParallelism()): number => (cores > 4 ? cores - 1 : cores);

/** `threads`: of the CPU; 0 chooses. Throws RangeError above the machine's processors, GpuUnavailable without a GPU. */
export async function createDevice(choice: DeviceChoice, threads: number): Promise<{ device: Device; reason: string }> {
  const processors = cpus().length; // more threads would wait for each other, and each takes memory
  if (threads > processors)
    throw new RangeError(`${threads} threads were asked for, but this machine has ${processors} processors`);
  if (choice === "reference") return { device: createReferenceDevice(), reason: "asked for" };
  if (choice === "cpu") return { device: await createWasmDevice(threads || defaultThreads()), reason: "asked for" };
  if (choice === "gpu") return { device: await createWebGpuDevice(), reason: "asked for" };
  const gpu = mayHaveGpu() ? await probeWebGpu() : { hardware: false, reason: "this machine has no GPU" };
  if (gpu.hardware) return { device: await createWebGpuDevice(), reason: gpu.reason };
  return { device: await createWasmDevice(threads || defaultThreads()), reason: gpu.reason };
}

export async function listDevices(): Promise<DeviceReport[]> {
  const gpu = await probeWebGpu();
  return [
    { choice: "gpu", available: gpu.available, description: gpu.description, reason: gpu.reason },
    {
      choice: "cpu",
      available: true,
      description: `CPU, ${defaultThreads()} threads`,
      reason: gpu.hardware ? "a GPU is faster" : "chosen: no hardware GPU at hand",
    },
    { choice: "reference", available: true, description: "float64 reference", reason: "for tests: exact and slow" },
  ];
}
