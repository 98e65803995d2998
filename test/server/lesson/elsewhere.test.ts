// Two windows with one storage: a lesson is open in one of them at a time. It is free when the server of that window has
// ended, even if it was killed.
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isLocked, takeLock } from "../../../server/lesson/lock";
import type { Client } from "../client";
import { control, did, plan, report, startServer } from "./teach";

let storage: string;
let first: Client;
let second: Client;

before(async () => {
  storage = await mkdtemp(join(tmpdir(), "glassbox-windows-"));
  [first, second] = [await startServer(storage), await startServer(storage)];
});
after(async () => {
  await Promise.all([first.stop(), second.stop()]);
  await rm(storage, { recursive: true });
});

const actions = ["start", "pause", "resume", "stop", "keep", "discard"] as const;

test("a lesson that is open in one window cannot be controlled in another", async () => {
  const { id, steps } = await plan(first);
  await did(first, id, "start");
  await first.untilLesson(id, ({ step }) => step > 0);
  assert.deepEqual(await control(second, id, "look"), { place: "elsewhere" });
  for (const action of actions) {
    const { place, problem } = await control(second, id, action);
    assert.equal(place, "elsewhere");
    assert.match(problem!.message, /^The lesson is open in another window\. Go on with it there/);
  }
  const other = await plan(second); // this removes lessons that nobody can open any more
  assert.equal((await report(first, id)).steps, steps);
  assert.deepEqual(await control(second, id, "look"), { place: "elsewhere" }); // it stays open until it is kept or discarded
  assert.deepEqual(second.lessons, []);
  await did(first, id, "keep");
  assert.equal(await second.untilPlace(id, ({ place }) => place !== "elsewhere"), "gone");
  assert.match((await control(second, id, "keep")).problem!.message, /no longer there/);
  assert.deepEqual(await readdir(join(storage, "lessons")), [other.id]);
  await did(second, other.id, "discard");
});

test("after the server of one window is killed, the other window can resume the lesson", async () => {
  const { id } = await plan(first);
  await did(first, id, "start");
  await first.untilLesson(id, ({ step }) => step > 1);
  assert.deepEqual(await control(second, id, "look"), { place: "elsewhere" });
  await first.kill();
  assert.equal(await second.untilPlace(id, () => true), "free");
  await did(second, id, "start");
  first = await startServer(storage);
  assert.deepEqual(await control(first, id, "look"), { place: "elsewhere" });
  await second.stop();
  second = await startServer(storage);
  assert.equal(await first.untilPlace(id, () => true), "free");
  await did(first, id, "start");
  await report(first, id);
  await did(first, id, "discard");
});

test("an old lock, or one of a dead process, is taken over by exactly one server", async () => {
  const folder = await mkdtemp(join(storage, "lock-"));
  const file = join(folder, "lock.json");
  const other = { id: "other", pid: process.pid, host: "another-machine" };
  await writeFile(file, JSON.stringify(other));
  assert.equal(await isLocked(folder), true);
  assert.equal(await takeLock(folder, assert.fail), undefined);

  for (const [holder, age] of [
    [JSON.stringify(other), 61],
    ["", 61], // its server was killed while it wrote it
    [JSON.stringify({ ...other, pid: 2 ** 22 + 1, host: hostname() }), 0],
  ] as const) {
    await writeFile(file, holder);
    await utimes(file, new Date(), new Date(Date.now() - age * 1000));
    assert.equal(await isLocked(folder), false);
    const locks = (await Promise.all(Array.from({ length: 8 }, () => takeLock(folder, assert.fail)))).filter(Boolean);
    assert.equal(locks.length, 1);
    assert.equal(await isLocked(folder), true);
    await locks[0]!.release();
    assert.deepEqual(await readdir(folder), []);
  }
});
