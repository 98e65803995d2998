// What planning and teaching take of the machine's memory is given back, with the model that people have.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mallocSettings } from "../../../client/mallocSettings";
import * as protocol from "../../../protocol";
import { defaults } from "../../../server/settings";
import { did, plan, report, startServer } from "./teach";

/** Of a process, in MB. */
const resident = (pid: number) =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;

test("lesson: when it is planned, and when it is over, the server takes as much memory as before", async (t) => {
  const storage = await mkdtemp(join(tmpdir(), "glassbox-memory-"));
  const client = await startServer(storage, {
    env: mallocSettings,
    settings: { device: "cpu", threads: 2, model: defaults.model },
  });
  t.after(async () => {
    await client.stop();
    await rm(storage, { recursive: true });
  });
  const memory = () => resident(client.process.pid!);
  /** The system takes memory back in its own time: it is looked at until it has, or half a minute is over. */
  async function isGivenBack(when: string) {
    const end = Date.now() + 30_000;
    while (memory() >= before + 100 && Date.now() < end) await client.request(protocol.models, {});
    assert.ok(memory() < before + 100, `${before} MB, and ${memory()} ${when}`);
  }
  const uri = "file:///shop/new.ts";
  await client.open(uri, "export function add(a: number, b: number): number {\n  return |");
  await client.complete(uri, { invoked: true });
  const before = memory();

  const planned = await plan(client, { minutes: 0.1 });
  assert.ok(planned.memory > 400e6, `${planned.memory} bytes`);
  await isGivenBack("after planning");

  await did(client, planned.id, "start");
  await client.untilLesson(planned.id, ({ state, progress }) => state === "measuring" && progress > 0);
  const meanwhile = memory();
  assert.ok(meanwhile > before + 100, `${before} MB, and ${meanwhile} in the lesson`); // or there is nothing to give back
  await report(client, planned.id);
  await isGivenBack("after the lesson");

  await did(client, planned.id, "keep", { name: "shop-talk" });
  await client.complete(uri, { invoked: true });
  await isGivenBack("with what was kept in use");
});
