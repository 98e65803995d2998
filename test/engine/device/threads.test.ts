import assert from "node:assert/strict";
import { cpus } from "node:os";
import { test } from "node:test";
import { createDevice } from "../../../engine/device";

test("no device takes more threads than the machine has processors", async () => {
  const processors = cpus().length;
  for (const choice of ["auto", "cpu"] as const)
    for (const threads of [processors + 1, 2000])
      await assert.rejects(createDevice(choice, threads), {
        name: "RangeError",
        message: `${threads} threads were asked for, but this machine has ${processors} processors`,
      });
  const { device } = await createDevice("cpu", processors);
  assert.match(device.description, new RegExp(`^CPU, ${processors} thread`));
  await device.dispose();
});
