// Errors of a GPU that no call throws: a lost device, a refused submit. They are thrown at the next check or fence.

export type Faults = ReturnType<typeof watchFaults>;

export function watchFaults(gpu: GPUDevice) {
  let fault: string | undefined;
  const pending = new Set<Promise<unknown>>();
  const lost = new Promise<string>((resolve) => {
    const fail = (sentence: string) => {
      if (fault) return;
      fault = sentence;
      resolve(fault);
    };
    gpu.lost.then(({ message }) => fail(`The GPU was lost: ${firstLine(message)}`));
    gpu.addEventListener("uncapturederror", ({ error }) => {
      const what = error instanceof GPUOutOfMemoryError ? "ran out of memory" : "reported an error";
      fail(`The GPU ${what}: ${firstLine(error.message)}`);
    });
  });

  function check() {
    if (fault) throw new Error(fault);
  }

  /** Waits for work on the GPU. Throws where the GPU failed meanwhile, for its results are then undefined. */
  async function fence<T>(work: Promise<T>): Promise<T> {
    pending.add(work);
    try {
      const result = await work;
      check();
      return result;
    } catch (error) {
      await new Promise((resolve) => setImmediate(resolve)); // the event of the loss may come after the error that it causes
      check();
      throw error;
    } finally {
      pending.delete(work);
    }
  }

  /** Closes the GPU, and waits until nothing awaits it: Dawn crashes the process where a thread ends before that. */
  async function close() {
    fault ??= "The GPU was closed";
    gpu.destroy();
    await Promise.allSettled(pending);
  }

  return { lost, check, fence, close };
}

const firstLine = (text: string) => text.split("\n")[0];
