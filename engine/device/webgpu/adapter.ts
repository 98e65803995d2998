// Finds and opens a GPU through Dawn, Chrome's WebGPU built for Node (npm `webgpu`), which is loaded on first use.

import { existsSync } from "node:fs";

export interface WebGpuProbe {
  /** Whether there is a WebGPU adapter that works. It may be one that emulates a GPU on the CPU. */
  available: boolean;
  /** Whether the adapter is a real GPU. */
  hardware: boolean;
  description: string;
  /** Why it should be used, or cannot be: a clause for people, without a capital or a full stop. */
  reason: string;
}

export interface OpenedGpu {
  gpu: GPUDevice;
  description: string;
  hardware: boolean;
}

/** There is no GPU that the engine can use. The message says why. */
export class GpuUnavailable extends Error {
  override name = "GpuUnavailable";
}

const linuxDevices = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"];

/**
 * Whether to probe for a GPU: on Linux every GPU has one of these files, and where there is none Dawn prints a warning.
 */
export const mayHaveGpu = (): boolean => process.platform !== "linux" || linuxDevices.some((path) => existsSync(path));

/** Dawn's toggles. Kernels write workgroup memory before they read it, so it need not be zeroed. */
const always = "disable_workgroup_init";
const unchecked = `${always},skip_validation,disable_robustness,disable_polyfills_on_integer_div_and_mod`;

/** Looks for a GPU without opening it. */
export async function probeWebGpu(versions: NodeJS.ProcessVersions = process.versions): Promise<WebGpuProbe> {
  try {
    const { info } = await findAdapter(false, versions);
    const hardware = !info.isFallbackAdapter;
    const reason = hardware ? "a GPU is at hand" : "the only WebGPU adapter computes on the CPU";
    return { available: true, hardware, description: describe(info), reason };
  } catch (error) {
    if (!(error instanceof GpuUnavailable)) throw error;
    return { available: false, hardware: false, description: "no GPU", reason: error.message };
  }
}

/**
 * Opens the fastest adapter. `checked`, which tests set, keeps Dawn's validation and bounds checks: they take time, and a
 * plan that has passed once does not change. Throws GpuUnavailable.
 */
export async function openGpu(checked = false): Promise<OpenedGpu> {
  const adapter = await findAdapter(checked, process.versions);
  const requiredLimits: Record<string, number> = {};
  for (const name in adapter.limits) requiredLimits[name] = adapter.limits[name as "maxBufferSize"];
  const gpu = await adapter.requestDevice({ requiredLimits });
  return { gpu, description: describe(adapter.info), hardware: !adapter.info.isFallbackAdapter };
}

async function findAdapter(checked: boolean, versions: NodeJS.ProcessVersions): Promise<GPUAdapter> {
  if (versions.electron)
    throw new GpuUnavailable("Electron's Node cannot read back from a GPU; a Node.js of its own, 20 or later, can");
  if (process.platform === "linux" && !hasVulkan()) throw noGpu();
  const adapter = await (await instance(checked)).requestAdapter({ powerPreference: "high-performance" });
  if (adapter) return adapter;
  throw noGpu();
}

const noGpu = () =>
  new GpuUnavailable(`no GPU was found${process.platform === "linux" ? "; on Linux it needs a Vulkan driver" : ""}`);

/** Whether Vulkan's loader is installed. Without it Dawn would print a warning on stderr. */
function hasVulkan(): boolean {
  try {
    process.dlopen({ exports: {} }, "libvulkan.so.1");
  } catch (error) {
    return !/cannot open shared object/.test((error as Error).message); // it is no Node addon, so an error is expected
  }
  return true;
}

/** One for each value of `checked`. Kept, because Dawn shuts down when its object is garbage-collected. */
const instances = new Map<boolean, GPU>();

async function instance(checked: boolean): Promise<GPU> {
  const present = instances.get(checked);
  if (present) return present;
  const { create, globals } = await import("webgpu").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ERR_MODULE_NOT_FOUND")
      throw new GpuUnavailable(
        "this package of Glassbox is for the CPU alone; the one for your platform is for its GPU too",
      );
    throw new GpuUnavailable(`WebGPU cannot be loaded: ${error.message.split("\n")[0]}`);
  });
  Object.assign(globalThis, globals); // the names of WebGPU's constants and classes, as in a browser
  const made = create([`enable-dawn-features=${checked ? always : unchecked}`]);
  instances.set(checked, made);
  return made;
}

function describe({ device, description, vendor }: GPUAdapterInfo): string {
  const name = device.replaceAll("-", " ").trim() || vendor || "GPU";
  return description ? `${name} (${description})` : name;
}
