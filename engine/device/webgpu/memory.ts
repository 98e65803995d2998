// Allocates the GPU's buffers, counts their bytes, and reads them back.

/** The GPU's memory is too small for what was asked of it. The message, for the user, says what and how large it is. */
export class GpuMemoryError extends Error {
  override name = "GpuMemoryError";
}

export type Memory = ReturnType<typeof createMemory>;

export function createMemory(gpu: GPUDevice) {
  const largest = Math.min(gpu.limits.maxBufferSize, gpu.limits.maxStorageBufferBindingSize);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  let held = 0;
  let spare: GPUBuffer | undefined;

  /**
   * A buffer of at least `bytes` zeros. Its size is a multiple of 16, since kernels read whole vectors. Throws
   * GpuMemoryError; `what` names the buffer in its message.
   */
  async function allocate(what: string, bytes: number): Promise<GPUBuffer> {
    const size = Math.ceil(bytes / 16) * 16;
    if (size > largest)
      throw new GpuMemoryError(`The GPU takes ${mega(largest)} at once, but ${what} needs ${mega(size)}`);
    const buffer = await create(what, size, usage);
    held += size;
    return buffer;
  }

  async function create(label: string, size: number, usage: number): Promise<GPUBuffer> {
    gpu.pushErrorScope("out-of-memory");
    const buffer = gpu.createBuffer({ label, size, usage });
    if (await gpu.popErrorScope())
      throw new GpuMemoryError(`The GPU has no room for ${label}: ${mega(size)} beside the ${mega(held)} in use`);
    return buffer;
  }

  function free(buffer: GPUBuffer) {
    held -= buffer.size;
    buffer.destroy();
  }

  /** Bytes [from, from + bytes) of a buffer, after all work that was submitted before. */
  async function read(buffer: GPUBuffer, from: number, bytes: number): Promise<ArrayBuffer> {
    const staging = await take(bytes);
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, from, staging, 0, bytes);
    gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ, 0, bytes);
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    spare?.destroy();
    spare = staging;
    return copy;
  }

  /**
   * A staging buffer. That of the last read is reused where it is large enough: creating one takes longer than a small
   * read.
   */
  async function take(bytes: number): Promise<GPUBuffer> {
    const staging = spare;
    spare = undefined;
    if (staging && staging.size >= bytes) return staging;
    staging?.destroy();
    return create("what is read back", bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  return { allocate, free, read, bytes: () => held };
}

const mega = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MB`;
