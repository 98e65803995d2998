// A worker thread of the CPU device. It waits for runs and takes part in them inside WebAssembly, until it is told to
// quit.

import { parentPort, workerData } from "node:worker_threads";
import { instantiate } from "./kernels";

export interface ThreadData {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  thread: number;
}

const { module, memory, thread }: ThreadData = workerData;
const kernels = await instantiate(module, memory);
kernels.setThread(thread);
parentPort!.postMessage("ready");
try {
  kernels.serve();
} catch (error) {
  kernels.markBroken();
  throw error;
}
