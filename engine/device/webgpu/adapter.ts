// Finding and opening a GPU through Dawn, Chrome's WebGPU built for Node (npm `webgpu`), which is loaded when first asked for.

import { existsSync } from "node:fs";

export interface WebGpuProbe {
  /** There is an adapter that can be used, if only one that computes on the CPU. */
  available: boolean;
  /** It is a GPU. */
  hardware: boolean;
  description: string;
  /** Why it should be used or cannot be: a sentence's end for people. */
  reason: string;
}

export interface OpenedGpu {
  gpu: GPUDevice;
  description: string;
  hardware: boolean;
}

/** No GPU that the engine can use; the message says why. */
export class GpuUnavailable extends Error {
  override name = "GpuUnavailable";
}

const linuxDevices = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"];

/** Whether it is worth asking: on Linux, no GPU is without one of these, and Dawn complains aloud where there is none. */
export const mayHaveGpu = (): boolean => process.platform !== "linux" || linuxDevices.some((path) => existsSync(path));

/** Dawn's toggles. Kernels write what they share in a workgroup before they read it, so that it need not be zero. */
const always = "disable_workgroup_init";
const unchecked = `${always},skip_validation,disable_robustness,disable_polyfills_on_integer_div_and_mod`;

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
 * Opens the fastest adapter; `checked` keeps Dawn's validation and bounds checks, for tests: they cost time, and plans
 * never change after they were made. Throws GpuUnavailable.
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

/** Whether the system finds Vulkan's loader. Without it Dawn would print a warning of its own on stderr. */
function hasVulkan(): boolean {
  try {
    process.dlopen({ exports: {} }, "libvulkan.so.1");
  } catch (error) {
    return !/cannot open shared object/.test((error as Error).message); // that it is no addon of Node's is expected
  }
  return true;
}

/** Kept: Dawn goes when the object that it was made as is collected. */
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
