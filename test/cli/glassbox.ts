// The command line as a process.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/")));

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs `glassbox …` in the repository's folder, with `input` on stdin. */
export async function glassbox(args: string[], input = ""): Promise<Ran> {
  const child = spawn(process.execPath, ["dist/cli.js", ...args], { cwd: root });
  const [out, err] = [text(child.stdout), text(child.stderr)];
  const closed = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  child.stdin.end(input);
  return { code: await closed, out: await out, err: await err };
}
