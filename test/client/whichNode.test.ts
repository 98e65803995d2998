// The choice of the Node that runs the server.
import { deepEqual } from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { whichNode } from "../../client/whichNode";

const folder = await mkdtemp(join(tmpdir(), "glassbox-node-"));
const old = join(folder, "old");
const path = process.env.PATH;
before(async () => {
  await writeFile(old, "#!/bin/sh\necho 18.20.4\n");
  await chmod(old, 0o755);
});
after(() => rm(folder, { recursive: true }));

const real = { path: "/opt/node", electron: false };
const electron = { path: "/opt/code", electron: true };

async function withPath<T>(value: string, work: () => Promise<T>): Promise<T> {
  process.env.PATH = value;
  return work().finally(() => {
    process.env.PATH = path;
  });
}

const which = (chosen: string, own = electron) => whichNode(chosen, own, () => {});

test("the setting's Node comes first", async () => {
  const expected = { path: process.execPath, origin: "glassbox.node.path" };
  deepEqual(await which(process.execPath), expected);
  deepEqual(await which(process.execPath, real), expected);
});

for (const [setting, chosen] of Object.entries({ empty: "", "no Node": "/nowhere/node", "a Node 18": old }))
  test(`if the setting is ${setting}, the host's own Node is used where it is a real one`, async () =>
    deepEqual(await which(chosen, real), { path: "/opt/node", origin: "the extension host's own" }));

test("in Electron the Node on PATH is used", async () => {
  deepEqual(await which(""), { path: "node", origin: "PATH" });
  deepEqual(await which(old), { path: "node", origin: "PATH" });
});

test("in Electron without a Node on PATH, Electron's own is used", async () =>
  withPath("/nowhere", async () => {
    deepEqual(await which(""), { path: "/opt/code", origin: "Electron's, which has no GPU" });
  }));
