// `npm run bench`: installs the peer (bench/package.json), builds both sides, and measures them. What has no peer is measured
// by `npm run bench -- suggestions` (bench/suggestions/main.ts) and `npm run bench -- index` (bench/workspaceIndex.ts).
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fetchWorkspaces } from "./corpus/workspaces.mjs";
import { install } from "./install.mjs";
import { loader, npm, root, step } from "./steps.mjs";

process.chdir(root);
await install();
const alone = { suggestions: "suggestions.js", index: "workspaceIndex.js" }[process.argv[2]];
if (process.argv[2] === "suggestions") await step("Fetching packages", fetchWorkspaces);
else if (!alone && !existsSync("bench/node_modules/.package-lock.json"))
  // Not `npm ci`, which fails if the lock file lacks a platform's binary, as it does when npm could not reach one.
  await step("Installing the peer", () => npm(["install", "--no-save"], { cwd: join(root, "bench") }));
const [{ build }, esbuild] = await Promise.all([import("./build.mjs"), import("esbuild")]); // imported here because they were just installed
const bundled = { bundle: true, platform: "node", target: "node20", format: "esm", loader };
await step("Building", () =>
  Promise.all([
    build(),
    esbuild.build({
      ...bundled,
      entryPoints: ["bench/main.ts", "bench/depth.ts", "bench/peer.ts"],
      outdir: "bench/dist",
      external: ["node-llama-cpp", "vscode-languageserver-protocol"],
    }),
    esbuild.build({
      ...bundled,
      entryPoints: {
        fineTuning: "bench/fineTuning.ts",
        suggestions: "bench/suggestions/main.ts",
        workspaceIndex: "bench/workspaceIndex.ts",
      },
      outdir: "dist/bench", // beside the kernels
      packages: "external",
    }),
  ]),
);
const besidePeer = process.argv[2] === "depth" ? "depth.js" : "main.js";
await import(alone ? `../dist/bench/${alone}` : `../bench/dist/${besidePeer}`);
