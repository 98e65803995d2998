// Prefill and decode speed, ours and the peer's alternately, each measurement in a process of its own; medians over rounds.

import { type OurSpeed, ours, peer, type Speed } from "./run";

const rounds = 3;

export interface Comparison {
  ours: OurSpeed;
  peer: Speed;
  /** The number of threads with which the peer was fastest. */
  peerThreads: Speed;
}

export async function speeds(models: Record<string, string>): Promise<Record<string, Comparison>> {
  const runs = Object.entries(models).map(([name, path]) => ({
    name,
    path,
    ours: [] as OurSpeed[],
    peers: [[], []] as Speed[][],
  }));
  for (let round = 1; round <= rounds; round++) {
    for (const run of runs) {
      console.log(`round ${round} of ${rounds}: ${run.name}`);
      run.ours.push(JSON.parse(await ours("bench", "--model", run.path, "--rounds", "1", "--json")));
      for (const [i, measured] of run.peers.entries())
        measured.push(JSON.parse(await peer(["speed", run.path, String(i + 1)])));
    }
  }
  return Object.fromEntries(runs.map(({ name, ours, peers }) => [name, compare(ours, peers)]));
}

function compare(ours: OurSpeed[], peers: Speed[][]): Comparison {
  const best = (what: keyof Speed) => {
    const medians = peers.map((measured) => median(measured, what));
    const speed = Math.max(...medians);
    return { speed, threads: medians.indexOf(speed) + 1 };
  };
  const [prefill, decode] = [best("prefill"), best("decode")];
  return {
    ours: {
      prefill: median(ours, "prefill"),
      decode: median(ours, "decode"),
      firstTokenMs: median(ours, "firstTokenMs"),
      residentBytes: median(ours, "residentBytes"),
      weightBytes: ours[0].weightBytes,
    },
    peer: { prefill: prefill.speed, decode: decode.speed },
    peerThreads: { prefill: prefill.threads, decode: decode.threads },
  };
}

/** The median of an odd number of measurements. */
const median = <Name extends string>(measured: Record<Name, number>[], name: Name): number =>
  measured.map((one) => one[name]).sort((a, b) => a - b)[measured.length >> 1];
