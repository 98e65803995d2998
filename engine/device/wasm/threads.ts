// The threads that run plans: this one and a worker for each further core.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { built } from "../../assets";
import { callBytes } from "./encode";
import {
  compileKernels,
  control,
  instantiate,
  type Kernel,
  type KernelExports,
  type KernelFile,
  kernelsIn,
} from "./kernels";
import type { ThreadData } from "./thread";

export interface Threads {
  readonly count: number;
  readonly memory: WebAssembly.Memory;
  readonly kernels: KernelExports;
  kernelNamed(name: string): Kernel;
  readonly interrupt: Int32Array<SharedArrayBuffer>;
  /** Runs encoded calls on all threads; returns when they are done, or, where it was interrupted, what is left. */
  run(work: Work): Rest | undefined;
  /** Runs what was left. */
  resume(rest: Rest): Rest | undefined;
  /** Of the last of a run's rounds, in calls, those of the phase at which it stopped included. */
  callsLeft(rest: Rest): number;
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

/** What is left of a run that was interrupted: the words of control.simd.ts's `order`. */
export type Rest = Uint32Array;

export async function startThreads(count: number, file: KernelFile): Promise<Threads> {
  const module = await compileKernels(file);
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  const kernels = await instantiate(module, memory);
  // A view of a shared memory stays good when the memory grows.
  const interrupt = new Int32Array(memory.buffer, control.interrupt, 1);
  const order = new Uint32Array(memory.buffer, control.order, 8);

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
  // Not once(worker, "exit"): that would reject where a worker ends by crashing, and wait for ever where it has ended.
  const exits = workers.map((worker) => new Promise((resolve) => worker.on("exit", resolve)));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  kernels.rest();

  function run({ calls, count, times, local, localBytes }: Work) {
    order.set([calls, calls + count * callBytes, times, 0, local, localBytes, 0, 0]);
    return walk(kernels.run);
  }

  function resume(rest: Rest) {
    order.set(rest);
    return walk(kernels.resume);
  }

  const callsLeft = ([, end, , , , , first]: Rest) => (end - first) / callBytes;

  function walk(begin: () => number): Rest | undefined {
    let finished: number;
    try {
      finished = begin();
    } catch (error) {
      kernels.breakOff();
      lose(crashed((error as Error).message));
      throw error;
    }
    if (finished) return undefined;
    if (kernels.isBroken()) {
      lose(crashed("during a run"));
      throw new Error(crashed("during a run"));
    }
    Atomics.store(interrupt, 0, 0);
    return order.slice();
  }

  async function dispose() {
    if (disposing) return;
    disposing = true;
    for (const worker of workers) worker.ref();
    order[3] = 1;
    kernels.rest();
    await Promise.all(exits);
  }

  return { count, memory, kernels, kernelNamed: kernelsIn(module), interrupt, run, resume, callsLeft, lost, dispose };
}
