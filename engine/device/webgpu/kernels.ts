// Compiles shaders, each text once, and makes their bind groups, in one order: params, inputs, outputs.

import type { Operand } from "../../graph/plan";
import type { GpuKernel, Params } from "../../ops/op";
import type { Memory } from "./memory";

/** One kernel of one step of a plan. */
export interface Launch extends GpuKernel {
  name: string;
  params: Uint32Array<ArrayBuffer>;
  /** The operands: inputs, then outputs. */
  bound: readonly Operand[];
  /** How many of the last of them are outputs. */
  written: number;
}

/** A kernel that is ready to run. */
export interface Dispatch extends Pick<GpuKernel, "workgroups"> {
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
}

export function createKernels(gpu: GPUDevice, memory: Memory) {
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  const layouts = new Map<string, GPUBindGroupLayout>();

  /** The pipeline of a shader, which is compiled when its text is new. Throws an Error where Dawn refuses it. */
  function pipeline(launch: Launch): Promise<GPUComputePipeline> {
    const { name, wgsl } = launch;
    const present = pipelines.get(wgsl);
    if (present) return present;
    const made = compile(name, wgsl, layout(launch));
    pipelines.set(wgsl, made);
    made.catch(() => pipelines.delete(wgsl)); // it may succeed later, when there is more memory
    return made;
  }

  async function compile(label: string, code: string, layout: GPUBindGroupLayout) {
    try {
      return await gpu.createComputePipelineAsync({
        label,
        layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: gpu.createShaderModule({ label, code }) },
      });
    } catch (error) {
      throw new Error(`The shader of ${label} was refused: ${(error as Error).message}`);
    }
  }

  /** The layout of a kernel's only bind group: params, inputs, outputs. */
  function layout({ bound, written }: Pick<Launch, "bound" | "written">): GPUBindGroupLayout {
    const key = `${bound.length} ${written}`;
    const type = (binding: number) =>
      binding === 0 ? "uniform" : binding <= bound.length - written ? "read-only-storage" : "storage";
    const entries = Array.from({ length: bound.length + 1 }, (_, binding) => {
      return { binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: type(binding) } } as const;
    });
    const made = layouts.get(key) ?? gpu.createBindGroupLayout({ entries });
    layouts.set(key, made);
    return made;
  }

  /** A bind group for each launch of a plan, and the buffer with the params of all. Equal params are stored once. */
  async function bind(launches: readonly Launch[], bufferOf: (operand: Operand) => GPUBuffer) {
    const apart = gpu.limits.minUniformBufferOffsetAlignment;
    const distinct = new Map(launches.map(({ params }) => [params.join(), params]));
    const keys = [...distinct.keys()];
    const buffer = await memory.allocate("the parameters of a plan", keys.length * apart);
    for (const [i, values] of [...distinct.values()].entries()) gpu.queue.writeBuffer(buffer, i * apart, values);
    const offsets = new Map(keys.map((key, i) => [key, i * apart]));
    const bindings = launches.map((launch) => {
      const { name, params, bound } = launch;
      const uniform = { buffer, offset: offsets.get(params.join())!, size: params.byteLength };
      const operands = bound.map((operand) => ({ buffer: bufferOf(operand), offset: operand.offset * 4 }));
      const resources = [uniform, ...operands];
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      return gpu.createBindGroup({ label: name, layout: layout(launch), entries });
    });
    return { params: buffer, bindings };
  }

  return { pipeline, bind };
}

/** Encodes an op's params as its shader's `struct Params`. Throws an Error where the names or their order differ. */
export function packParams(name: string, wgsl: string, params: Params): Uint32Array<ArrayBuffer> {
  const [, struct = ""] = /struct Params \{([^}]*)\}/.exec(wgsl) ?? [];
  const fields = [...struct.matchAll(/(\w+): (\w+)/g)].map(([, field, type]) => ({ field, type }));
  const [declared, given] = [fields.map(({ field }) => field).join(", "), Object.keys(params).join(", ")];
  if (declared !== given) throw new Error(`The shader of ${name} declares the params ${declared}; the op has ${given}`);
  const packed = new DataView(new ArrayBuffer(fields.length * 4));
  for (const [i, { field, type }] of fields.entries()) {
    if (type === "f32") packed.setFloat32(i * 4, params[field], true);
    else packed.setUint32(i * 4, params[field], true);
  }
  return new Uint32Array(packed.buffer);
}
