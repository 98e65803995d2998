// The memory and the progress of a lesson on the built-in model, whose steps and measurements take seconds.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mallocSettings } from "../../../client/mallocSettings";
import type { Lesson } from "../../../protocol";
import { defaults } from "../../../server/settings";
import { did, plan, report, startServer } from "./teach";

/** The resident memory of a process, in MB. */
const resident = (pid: number) =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;

test("lesson: its progress is reported while it measures, and its memory is freed when it was planned and when it is over", async (t) => {
  const storage = await mkdtemp(join(tmpdir(), "glassbox-memory-"));
  const client = await startServer(storage, {
    env: mallocSettings,
    flags: ["--no-concurrent-array-buffer-sweeping"], // memory is freed by the time a request is answered
    settings: { device: "cpu", threads: 2, model: defaults.model },
  });
  t.after(async () => {
    await client.stop();
    await rm(storage, { recursive: true });
  });
  const memory = () => resident(client.process.pid!);
  function isFreed(when: string) {
    const now = memory();
    assert.ok(now < before + 100, `${before} MB before, and ${now} MB ${when}`);
  }
  const uri = "file:///shop/new.ts";
  await client.open(uri, "export function add(a: number, b: number): number {\n  return |");
  await client.complete(uri, { invoked: true });
  const before = memory();

  const planned = await plan(client, { minutes: 0.1 });
  assert.ok(planned.memory > 400e6, `${planned.memory} bytes`);
  isFreed("after planning");

  await did(client, planned.id, "start");
  await client.untilLesson(planned.id, ({ state, progress }) => state === "measuring" && progress > 0);
  const meanwhile = memory();
  assert.ok(meanwhile > before + 100, `${before} MB before, and ${meanwhile} MB in the lesson`); // else nothing is freed
  await report(client, planned.id);
  isFreed("after the lesson");
  for (const isPart of [({ step }: Lesson) => step === 0, ({ step }: Lesson) => step === planned.steps]) {
    const measuring = client.lessons.filter((lesson) => lesson.state === "measuring" && isPart(lesson));
    const progress = new Set(measuring.map(({ progress }) => progress));
    assert.ok(progress.size > 2, `while it measured, the progress was ${[...progress]}`);
  }

  await did(client, planned.id, "keep", { name: "shop-talk" });
  await client.complete(uri, { invoked: true });
  isFreed("with the kept adapter in use");
});
