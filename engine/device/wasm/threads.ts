// The threads that run plans: the calling one, and a worker for each further thread.

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
  /** Runs encoded calls on all threads. Returns when they are done; where it was interrupted, returns what is left. */
  run(work: Work): Remainder | undefined;
  /** Continues an interrupted run. */
  resume(remainder: Remainder): Remainder | undefined;
  /** How many calls are left of the repetition that was stopped, from the first of the stopped phase on. */
  callsLeft(remainder: Remainder): number;
  /** Resolves with a message for the user when a thread has crashed. */
  readonly lost: Promise<string>;
  dispose(): Promise<void>;
}

/**
 * A run: `count` calls at address `calls`, `times` times. Each thread has `localBytes` of local memory, from `local` on.
 */
export interface Work {
  calls: number;
  count: number;
  times: number;
  local: number;
  localBytes: number;
}

/** What is left of an interrupted run: the words of control.simd.ts's `command`. */
export type Remainder = Uint32Array;

export async function startThreads(count: number, file: KernelFile): Promise<Threads> {
  const module = await compileKernels(file);
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  const kernels = await instantiate(module, memory);
  // Views of a shared memory stay valid when it grows.
  const interrupt = new Int32Array(memory.buffer, control.interrupt, 1);
  const command = new Uint32Array(memory.buffer, control.command, 8);

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
      kernels.markBroken();
      lose(crashed(`exit code ${code}`));
    });
    return worker;
  });
  // events.once would reject where a worker crashes, and never resolve where it has exited already.
  const exits = workers.map((worker) => new Promise((resolve) => worker.on("exit", resolve)));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  kernels.wakeAll();

  function run({ calls, count, times, local, localBytes }: Work) {
    command.set([calls, calls + count * callBytes, times, 0, local, localBytes, 0, 0]);
    return walk(kernels.run);
  }

  function resume(remainder: Remainder) {
    command.set(remainder);
    return walk(kernels.resume);
  }

  const callsLeft = ([, end, , , , , first]: Remainder) => (end - first) / callBytes;

  function walk(begin: () => number): Remainder | undefined {
    let finished: number;
    try {
      finished = begin();
    } catch (error) {
      kernels.markBroken();
      lose(crashed((error as Error).message));
      throw error;
    }
    if (finished) return undefined;
    if (kernels.isBroken()) {
      lose(crashed("during a run"));
      throw new Error(crashed("during a run"));
    }
    Atomics.store(interrupt, 0, 0);
    return command.slice();
  }

  async function dispose() {
    if (disposing) return;
    disposing = true;
    for (const worker of workers) worker.ref();
    command[3] = 1;
    kernels.wakeAll();
    await Promise.all(exits);
  }

  return { count, memory, kernels, kernelNamed: kernelsIn(module), interrupt, run, resume, callsLeft, lost, dispose };
}
