// `npm run bench`: installs the peer (bench/package.json), builds both sides, and measures them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { install } from "./install.mjs";
import { loader, npm, root, step } from "./steps.mjs";

process.chdir(root);
await install();
// Not `npm ci`: it wants every platform's binary in the lock file, which npm leaves out where it cannot reach one.
if (!existsSync("bench/node_modules/.package-lock.json"))
  await step("Installing the peer", () => npm(["install", "--no-save"], { cwd: join(root, "bench") }));
const [{ build }, esbuild] = await Promise.all([import("./build.mjs"), import("esbuild")]); // they were just installed
const bundled = { bundle: true, platform: "node", target: "node20", format: "esm", loader };
await step("Building", () =>
  Promise.all([
    build(),
    esbuild.build({
      ...bundled,
      entryPoints: ["bench/main.ts", "bench/peer.ts"],
      outdir: "bench/dist",
      external: ["node-llama-cpp", "vscode-languageserver-protocol"],
    }),
    esbuild.build({
      ...bundled,
      entryPoints: ["bench/fineTuning.ts"],
      outdir: "dist/bench", // beside the kernels
      packages: "external",
    }),
  ]),
);
await import("../bench/dist/main.js");
