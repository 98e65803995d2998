// Chooses the device to run on: a GPU where Node can use one, else the CPU.

import { availableParallelism, cpus } from "node:os";
import type { Device } from "./device";
import { createReferenceDevice } from "./reference/reference";
import { createWasmDevice } from "./wasm";
import { createWebGpuDevice, mayHaveGpu, probeWebGpu } from "./webgpu";

/** "auto": a hardware GPU where there is one, else the CPU. "gpu": a GPU, which may be emulated in software. */
export type DeviceChoice = "auto" | "cpu" | "gpu" | "reference";

export interface DeviceReport {
  choice: Exclude<DeviceChoice, "auto">;
  available: boolean;
  description: string;
  /** Why "auto" takes it, or why not. */
  reason: string;
}

/** One thread a core. Where there are more than four cores, one stays free, so that the editor stays responsive. */
export const defaultThreads = (cores = availableParallelism()): number => (cores > 4 ? cores - 1 : cores);

/**
 * Opens a device, and says why it was chosen. `threads` is the number of CPU threads; 0 stands for `defaultThreads`.
 * Throws RangeError where it is higher than the number of processors, GpuUnavailable where "gpu" is asked for and there
 * is none.
 */
export async function createDevice(choice: DeviceChoice, threads: number): Promise<{ device: Device; reason: string }> {
  const processors = cpus().length; // more threads would slow each other down, and each takes memory
  if (threads > processors)
    throw new RangeError(`${threads} threads were asked for, but this machine has ${processors} processors`);
  if (choice === "reference") return { device: createReferenceDevice(), reason: "asked for" };
  if (choice === "cpu") return { device: await createWasmDevice(threads || defaultThreads()), reason: "asked for" };
  if (choice === "gpu") return { device: await createWebGpuDevice(), reason: "asked for" };
  const gpu = mayHaveGpu() ? await probeWebGpu() : { hardware: false, reason: "this machine has no GPU" };
  if (gpu.hardware) return { device: await createWebGpuDevice(), reason: gpu.reason };
  return { device: await createWasmDevice(threads || defaultThreads()), reason: gpu.reason };
}

/** All devices of this machine, for people to choose from. */
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
