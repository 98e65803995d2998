// Nothing leaves the machine: while one edits, the server opens no socket at all. Watched from inside, by the handles
// that Node makes in any of its threads, and from outside, by the process's open files.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { defaults } from "../../server/settings";
import { startClient } from "./client";

/** Required rather than imported, for Node does so in workers as well. */
const tripwire = `
  const { writeSync } = require("node:fs");
  const handle = /TCP|UDP|ADDRINFO|QUERY|HTTP/;
  require("node:async_hooks")
    .createHook({ init: (id, type) => void (handle.test(type) && writeSync(2, "SOCKET " + type + "\\n")) })
    .enable();
`;
const folder = await mkdtemp(join(tmpdir(), "glassbox-"));
const flags = ["--require", join(folder, "tripwire.cjs")];
before(() => writeFile(flags[1], tripwire));
after(() => rm(folder, { recursive: true }));

test("sockets: the tripwire sees one", async () => {
  const script = 'require("net").connect(9, "127.0.0.1").on("error", () => {})';
  const inWorker = `new (require("worker_threads").Worker)(${JSON.stringify(script)}, { eval: true })`;
  for (const code of [script, inWorker]) {
    const { stderr } = await promisify(execFile)(process.execPath, [...flags, "--eval", code]);
    assert.match(stderr, /SOCKET TCP/);
  }
});

test("sockets: none while one edits", async () => {
  const client = await startClient({
    settings: { device: "cpu", completions: { ...defaults.completions, maxTokens: 16 } },
    folders: ["file:///project"],
    flags,
  });
  await client.until(({ state }) => state === "ready");
  const code = await readFile("server/completion/stop.ts", "utf8");
  const uri = "file:///project/stop.ts";
  await client.open(uri, "|");
  for (const line of code.split("\n").slice(0, 40)) {
    await client.type(uri, line.slice(0, 8));
    await client.complete(uri);
    await client.type(uri, `${line.slice(8)}\n`);
    if (process.platform === "linux") assert.deepEqual(await sockets(client.process.pid!), []);
  }
  await client.request("glassbox/showPrompt", { textDocument: { uri } });
  assert.deepEqual(
    client.log.filter((line) => line.includes("SOCKET")),
    [],
  );
  await client.stop();
});

/** Those that are not its standard input and output. */
async function sockets(pid: number): Promise<string[]> {
  const files = (await readdir(`/proc/${pid}/fd`)).filter((file) => Number(file) > 2);
  const targets = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => "closed")));
  return targets.filter((target) => target.startsWith("socket:"));
}
