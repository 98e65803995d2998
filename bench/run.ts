// Runs both sides as processes: our command line, and the peer.

import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

export const builtIn = "models/smollm2-135m-instruct-q4_1.gguf";
export const cache = ".cache/bench";

const start = promisify(execFile);

export interface Speed {
  /** Tokens a second. */
  prefill: number;
  decode: number;
}

export interface OurSpeed extends Speed {
  firstTokenMs: number;
  residentBytes: number;
  weightBytes: number;
}

export const ours = async (...args: string[]): Promise<string> =>
  (await start(process.execPath, ["dist/cli.js", ...args, "--device", "cpu", "--threads", "2"])).stdout;

/** One thread for Node's own work: with its default of four, the peer's decoding on 2 threads falls to a third. */
export async function peer(args: string[], folder = "bench"): Promise<string> {
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1" };
  return (await start(process.execPath, [join(folder, "dist/peer.js"), ...args], { env })).stdout;
}

/** The peer with the first of its CPU builds that has AVX, whatever this processor has: rounding in another order. */
export async function peerOfAnotherBuild(): Promise<string> {
  const folder = join(cache, "another-build");
  const links = join(folder, "node_modules");
  const binaries = "@node-llama-cpp/linux-x64/bins/linux-x64";
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "dist"), { recursive: true });
  await copyFile("bench/dist/peer.js", join(folder, "dist/peer.js"));
  await copyFile("bench/package.json", join(folder, "package.json"));
  await start("cp", ["-rl", "bench/node_modules", links]);
  for (const name of await readdir(join(links, binaries)))
    if (name.startsWith("libggml-cpu-") && !name.includes("sandybridge")) await rm(join(links, binaries, name));
  return folder;
}
