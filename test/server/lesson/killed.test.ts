// A lesson whose server is killed again and again has the same losses, bit for bit, and the same report as one that is not.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type * as protocol from "../../../protocol";
import { uniform } from "../../engine/random";
import { curve, did, plan, report, startServer } from "./teach";

const kills = 10;

/** The last reported loss of each step. */
function losses(points: protocol.Lesson["curve"]): (number | undefined)[] {
  return [...new Map(points.filter(({ loss }) => loss !== undefined).map(({ step, loss }) => [step, loss])).values()];
}

test("lesson: its result does not depend on kills", async (t) => {
  const storage = await mkdtemp(join(tmpdir(), "glassbox-killed-"));
  let client = await startServer(storage);
  t.after(async () => {
    await client.stop();
    await rm(storage, { recursive: true });
  });
  const whole = await plan(client);
  await did(client, whole.id, "start");
  const expected = await report(client, whole.id);
  const expectedLosses = losses(curve(client, whole.id));

  const { id, steps } = await plan(client);
  const told: protocol.Lesson["curve"] = [];
  for (let i = 0; i < kills; i++) {
    await did(client, id, "start");
    // Each kill is in another part of the lesson; the first and the last may come while it measures.
    const at = Math.floor(((i + uniform()) * steps) / kills);
    await client.untilLesson(id, ({ step, state }) => step >= at || state === "done");
    await client.kill();
    told.push(...curve(client, id));
    client = await startServer(storage);
  }
  await did(client, id, "start");
  const { minutes: _, ...brought } = await report(client, id);
  told.push(...curve(client, id));
  const { minutes, ...unbroken } = expected;
  assert.ok(minutes > 0);
  assert.deepEqual(brought, unbroken);
  assert.deepEqual(losses(told), expectedLosses);
});
