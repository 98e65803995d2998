export { GpuUnavailable, mayHaveGpu, openGpu, probeWebGpu, type WebGpuProbe } from "./adapter";
export { createWebGpuDevice, webGpuDevice } from "./device";
