// What goes wrong on a GPU without any call failing: a lost device, a refused submit. Found out at each fence.

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

  /** Waits for the GPU. Throws where it failed meanwhile: what was waited for then means nothing. */
  async function fence<T>(work: Promise<T>): Promise<T> {
    pending.add(work);
    try {
      const result = await work;
      check();
      return result;
    } catch (error) {
      await new Promise((resolve) => setImmediate(resolve)); // the news of a loss may come after its consequence
      check();
      throw error;
    } finally {
      pending.delete(work);
    }
  }

  /** Gives the GPU back once nothing waits for it any more: Dawn ends the process of a thread that goes before that. */
  async function close() {
    fault ??= "The GPU was closed";
    gpu.destroy();
    await Promise.allSettled(pending);
  }

  return { lost, check, fence, close };
}

const firstLine = (text: string) => text.split("\n")[0];
