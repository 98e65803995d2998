// The universal package has no Dawn: if the settings ask for the GPU, its server says why it cannot be used, and completes on the CPU.
import { equal, match, ok } from "node:assert/strict";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Client, startClient } from "../server/client";
import { installed } from "./installed";

test("without Dawn the CPU is used, and the status says why", async () => {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-universal-"));
  let client: Client | undefined;
  try {
    const dawn = join(installed, "dist/node_modules");
    await cp(join(installed, "dist"), join(folder, "dist"), { recursive: true, filter: (path) => path !== dawn });
    await cp(join(installed, "package.json"), join(folder, "package.json"));
    await symlink(join(installed, "models"), join(folder, "models"));
    client = await startClient({ server: join(folder, "dist/server.js"), settings: { device: "gpu" } });
    const status = await client.until(({ state }) => state === "ready");
    equal(status.device?.kind, "cpu");
    match(status.problem?.message ?? "", /cannot be used: this package of Glassbox is for the CPU alone/);
    const uri = "file:///shop/money.ts";
    await client.open(uri, "export function add(a: number, b: number) {\n  return |");
    const [item] = await client.complete(uri, { invoked: true });
    ok(String(item.insertText).trim(), "a completion");
  } finally {
    await client?.stop();
    await rm(folder, { recursive: true });
  }
});
