// Submits runs of plans to the GPU's queue: whole, or, where they may be interrupted, in pieces of about the same
// duration, which earlier runs have measured.

import { Interrupted } from "../device";
import type { Faults } from "./faults";
import type { Dispatch } from "./kernels";

/** Milliseconds that a piece should take. Two are queued at a time, so that the GPU never waits for the host. */
const pieceDuration = 12;

export function createRuns(gpu: GPUDevice, faults: Faults) {
  const interrupt = new Int32Array(new SharedArrayBuffer(4));
  let running: Promise<unknown> = Promise.resolve();

  async function atOnce(dispatches: readonly Dispatch[], times: number) {
    faults.check();
    await running; // at most one run is in progress while the next is encoded, so that a cancel takes effect soon
    for (let i = 0; i < times; i++) submit(dispatches);
    running = faults.fence(gpu.queue.onSubmittedWorkDone());
    running.catch(() => {}); // the next run throws it
  }

  /** A function that runs a plan in pieces. After an interruption it continues the run. */
  function inPieces(dispatches: readonly Dispatch[]): (times: number) => Promise<void> {
    const { length } = dispatches;
    /** Milliseconds that each dispatch takes; the first guess is high. */
    const costs = new Float64Array(length).fill(1);
    let left = 0;

    function endOf(from: number): number {
      let [to, cost] = [from + 1, costs[from]];
      while (to < length && cost + costs[to] <= pieceDuration) cost += costs[to++];
      return to;
    }

    function learn(from: number, to: number, milliseconds: number) {
      for (let i = from; i < to; i++) costs[i] = (costs[i] + milliseconds / (to - from)) / 2;
    }

    return async (times) => {
      faults.check();
      left ||= times * length;
      while (left > 0) {
        if (Atomics.exchange(interrupt, 0, 0)) throw new Interrupted(left);
        const from = length - 1 - ((left - 1) % length);
        const to = endOf(from);
        submit(dispatches.slice(from, to));
        left -= to - from;
        const before = running;
        const done = faults.fence(gpu.queue.onSubmittedWorkDone());
        running = Promise.all([before.then(now), done.then(now)]).then(([began, ended]) =>
          learn(from, to, ended - began),
        );
        running.catch(() => {}); // the next piece or run throws it
        await before;
      }
    };
  }

  function submit(dispatches: readonly Dispatch[]) {
    const encoder = gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let current: GPUComputePipeline | undefined;
    for (const { pipeline, bindings, workgroups } of dispatches) {
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(...workgroups);
    }
    pass.end();
    gpu.queue.submit([encoder.finish()]);
  }

  return { interrupt, atOnce, inPieces };
}

const now = () => performance.now();
