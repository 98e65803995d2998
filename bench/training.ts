// Training speed, ours and PyTorch's alternately, each measurement in a process of its own; medians over rounds.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Trained {
  tokensPerSecond: number;
  peakBytes: number;
  weightBytes: number;
}

const rounds = 3;
const start = promisify(execFile);

/** Undefined unless GLASSBOX_PYTHON names a Python to run the peer with. */
export async function training(): Promise<{ ours: Trained; peer: Trained } | undefined> {
  const python = process.env.GLASSBOX_PYTHON;
  if (!python) return undefined;
  const [ours, peer]: Trained[][] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    ours.push(JSON.parse((await start(process.execPath, ["dist/bench/fineTuning.js"])).stdout));
    peer.push(JSON.parse((await start(python, ["bench/training.py", "--threads", "2"])).stdout));
  }
  const median = (all: Trained[]) => all.sort((a, b) => a.tokensPerSecond - b.tokensPerSecond)[rounds >> 1];
  return { ours: median(ours), peer: median(peer) };
}
