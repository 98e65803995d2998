// The threads that run plans: this one and a worker for each further core.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { built } from "../../assets";
import { Interrupted } from "../device";
import { callBytes } from "./encode";
import { compileKernels, control, instantiate, type KernelExports, type KernelFile } from "./kernels";
import type { ThreadData } from "./thread";

export interface Threads {
  readonly count: number;
  readonly memory: WebAssembly.Memory;
  readonly kernels: KernelExports;
  readonly interrupt: Int32Array<SharedArrayBuffer>;
  /** Runs encoded calls on all threads; returns when they are done. */
  run(work: Work): void;
  /** Resolves, with a sentence, when a thread has crashed. */
  readonly lost: Promise<string>;
  dispose(): Promise<void>;
}

/** Calls at an address, how often to run them, and memory of each thread's own. */
export interface Work {
  calls: number;
  count: number;
  times: number;
  local: number;
  localBytes: number;
}

export async function startThreads(count: number, file: KernelFile): Promise<Threads> {
  const module = await compileKernels(file);
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  const kernels = await instantiate(module, memory);
  // A view of a shared memory stays good when the memory grows.
  const interrupt = new Int32Array(memory.buffer, control.interrupt, 1);
  const order = new Uint32Array(memory.buffer, control.order, 6);

  let disposing = false;
  let lose: (sentence: string) => void;
  const lost = new Promise<string>((resolve) => {
    lose = resolve;
  });
  const crashed = (reason: string) => `The CPU can no longer be used: one of its threads has crashed (${reason}).`;

  const workers = Array.from({ length: count - 1 }, (_, i) => {
    const workerData: ThreadData = { module, memory, thread: i + 1 };
    const worker = new Worker(built("thread.js"), { workerData });
    worker.unref();
    worker.on("error", (error) => lose(crashed(error.message)));
    worker.on("exit", (code) => {
      if (disposing) return;
      kernels.breakOff();
      lose(crashed(`exit code ${code}`));
    });
    return worker;
  });
  await Promise.all(workers.map((worker) => once(worker, "message")));
  kernels.rest();

  function run({ calls, count, times, local, localBytes }: Work) {
    order.set([calls, calls + count * callBytes, times, 0, local, localBytes]);
    let finished: number;
    try {
      finished = kernels.run();
    } catch (error) {
      kernels.breakOff();
      lose(crashed((error as Error).message));
      throw error;
    }
    if (finished) return;
    if (kernels.isBroken()) {
      lose(crashed("during a run"));
      throw new Error(crashed("during a run"));
    }
    Atomics.store(interrupt, 0, 0);
    throw new Interrupted("The run was interrupted");
  }

  async function dispose() {
    if (disposing) return;
    disposing = true;
    const exits = workers.map((worker) => {
      worker.ref();
      return once(worker, "exit");
    });
    order[3] = 1;
    kernels.rest();
    await Promise.all(exits);
  }

  return { count, memory, kernels, interrupt, run, lost, dispose };
}
