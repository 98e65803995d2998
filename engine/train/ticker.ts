// Training keeps its thread busy for as long as a step takes. A ticker is another thread, which interrupts the device's runs
// several times a second, so that this one hears signals and messages in between.

import { Worker } from "node:worker_threads";

export interface Ticker {
  /** Runs that are not resumable start again after an interruption, so none is interrupted during `work`. */
  undisturbed<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Milliseconds between two interruptions. */
const interval = 200;

const thread = `
const { interrupt, ticks } = require("node:worker_threads").workerData;
setInterval(() => Atomics.load(ticks, 0) && Atomics.store(interrupt, 0, 1), ${interval});`;

/** `interrupt`: see Device. */
export function startTicker(interrupt: Int32Array<SharedArrayBuffer>): Ticker {
  const ticks = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  const worker = new Worker(thread, { eval: true, workerData: { interrupt, ticks } });
  return {
    async undisturbed(work) {
      Atomics.store(ticks, 0, 0);
      try {
        return await work();
      } finally {
        Atomics.store(ticks, 0, 1);
      }
    },
    async stop() {
      await worker.terminate();
    },
  };
}
