// Functions that the commands share: printing each step, and running a program whose output is shown only if it fails.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const started = performance.now();
export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

export function say(text) {
  console.log(`[${seconds(started).padStart(7)}] ${text}`);
}

/** Runs a step, and prints its name and how long it took. */
export async function step(name, work) {
  say(`${name} …`);
  const since = performance.now();
  const result = await work();
  say(`${name}: ${seconds(since)}`);
  return result;
}

/** Runs a command to its end. If it fails, the error holds its output. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (output += data));
    child.on("error", reject);
    child.on("close", (code, signal) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`${command} ${args.join(" ")} ended with ${signal ?? code}\n${output}`)),
    );
  });
}

/** Runs npm without output. Install scripts of packages are never run. */
export function npm(args, options = {}) {
  const windows = process.platform === "win32";
  return run(
    windows ? "npm.cmd" : "npm",
    [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      shell: windows,
      ...options,
    },
  );
}

/** esbuild's loaders for files that the sources import as text. */
export const loader = { ".wgsl": "text", ".py": "text", ".md": "text" };

/** Bundles a TypeScript file of the project below dist/, where the bundle finds the kernels. Returns the bundle's path. */
export async function bundle(file) {
  const { build } = await import("esbuild");
  const outfile = join(root, "dist/tools", file.replace(/\.ts$/, ".mjs"));
  const options = { bundle: true, packages: "external", platform: "node", format: "esm", target: "node20", loader };
  await build({ ...options, absWorkingDir: root, entryPoints: [file], outfile });
  return outfile;
}

/** Imports a TypeScript file of the project. */
export async function bundled(file) {
  return import(pathToFileURL(await bundle(file)).href);
}
