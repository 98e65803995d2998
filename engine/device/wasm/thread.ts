// One of the device's threads: waits for runs and takes part in them, without leaving WebAssembly, until told to quit.

import { parentPort, workerData } from "node:worker_threads";
import { instantiate } from "./kernels";

export interface ThreadData {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  thread: number;
}

const { module, memory, thread }: ThreadData = workerData;
const kernels = await instantiate(module, memory);
kernels.enlist(thread);
parentPort!.postMessage("ready");
try {
  kernels.serve();
} catch (error) {
  kernels.breakOff();
  throw error;
}
