// `npm run bench`: installs the peer (bench/package.json), builds both sides, and measures them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { install } from "./install.mjs";
import { npm, root, step } from "./steps.mjs";

process.chdir(root);
await install();
if (!existsSync("bench/node_modules/.package-lock.json"))
  await step("Installing the peer", () => npm(["ci"], { cwd: join(root, "bench") }));
const [{ build }, esbuild] = await Promise.all([import("./build.mjs"), import("esbuild")]); // they were just installed
await step("Building", () =>
  Promise.all([
    build(),
    esbuild.build({
      entryPoints: ["bench/main.ts", "bench/peer.ts"],
      outdir: "bench/dist",
      bundle: true,
      platform: "node",
      target: "node20",
      format: "esm",
      external: ["node-llama-cpp", "vscode-languageserver-protocol"],
    }),
  ]),
);
await import("../bench/dist/main.js");
