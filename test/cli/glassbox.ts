// Runs the command line as a process.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/")));

export interface Ran {
  code: number;
  out: string;
  err: string;
}

const start = (args: string[], env: NodeJS.ProcessEnv = {}, stdout: "pipe" | number = "pipe") =>
  spawn(process.execPath, ["dist/cli.js", ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["pipe", stdout, "pipe"],
  });

/** Runs `glassbox …` in the repository's folder, with `input` on stdin; `stdout` is a file that is open for writing. */
export async function glassbox(
  args: string[],
  input = "",
  env: NodeJS.ProcessEnv = {},
  stdout: "pipe" | number = "pipe",
): Promise<Ran> {
  const child = start(args, env, stdout);
  const [out, err] = [child.stdout ? text(child.stdout) : "", text(child.stderr!)];
  const closed = new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  child.stdin!.on("error", () => {}); // the process may end before it has read stdin
  child.stdin!.end(input);
  return { code: await closed, out: await out, err: await err };
}

/** Starts `glassbox …`, to be killed or interrupted before its end. */
export function startGlassbox(args: string[]) {
  const child: ChildProcess = start(args);
  const exit = once(child, "close");
  let err = "";
  child.stdout!.resume();
  child.stderr!.on("data", (data) => (err += data));
  return {
    async until(pattern: RegExp) {
      while (!pattern.test(err)) {
        const more = await Promise.race([once(child.stderr!, "data"), exit.then(() => undefined)]);
        if (!more && !pattern.test(err)) throw new Error(`The process ended before it printed ${pattern}:\n${err}`);
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    /** Sends what Ctrl+C does, or another signal; resolves when it has ended. */
    async interrupt(signal: NodeJS.Signals = "SIGINT"): Promise<Omit<Ran, "out">> {
      child.kill(signal);
      const [code] = await exit;
      return { code, err };
    },
  };
}
