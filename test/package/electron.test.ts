// The installed package where no Node is found: its server runs in VS Code's own, which is Electron's. A Node of the oldest
// supported VS Code's version emulates it with electron.cjs.
import { equal, match, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { startClient } from "../server/client";
import { installed } from "./installed";
import { oldNode } from "./oldNode";

const flags = ["--require", resolve("test/package/electron.cjs")];

test("the emulation is Node 20.9 in Electron, also in a worker, and cannot read from the GPU", async () => {
  const says = `require("node:fs").writeSync(1, process.versions.node + " " + process.versions.electron + "\\n");`;
  const webgpu = join(installed, "dist/node_modules/webgpu/index.js");
  const script = `
    ${says}
    const worker = new (require("node:worker_threads").Worker)(${JSON.stringify(says)}, { eval: true });
    worker.on("exit", async () => {
      const { create } = await import(${JSON.stringify(webgpu)});
      const device = await (await create([]).requestAdapter()).requestDevice();
      const buffer = device.createBuffer({ size: 4, usage: 9 }); // MAP_READ, COPY_DST
      await buffer.mapAsync(1);
      try { buffer.getMappedRange(); } catch ({ message }) { console.log(message); }
      process.exit();
    });`;
  const { stdout } = await promisify(execFile)(oldNode, [...flags, "--eval", script]);
  equal(stdout.match(/20\.9\.0 29\.4\.0/g)?.length, 2, stdout);
  match(stdout, /External buffers are not allowed/);
});

for (const device of ["auto", "gpu"] as const)
  test(`the server completes on the CPU in Electron's Node, device ${device}`, async (context) => {
    const client = await startClient({
      node: oldNode,
      flags,
      server: join(installed, "dist/server.js"),
      settings: { device },
    });
    context.after(() => client.stop());
    const status = await client.until(({ state }) => state === "ready");
    equal(status.device?.kind, "cpu");
    const uri = "file:///shop/money.ts";
    await client.open(uri, "export function add(a: number, b: number) {\n  return |");
    const [item] = await client.complete(uri, { invoked: true });
    ok(String(item.insertText).trim(), "a completion");
    if (device === "gpu") match(status.problem?.message ?? "", /Electron's Node cannot read back from a GPU/);
  });
