// The battery's state is read from what Linux, macOS and Windows report.
import { deepEqual, equal } from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { drawsFromBattery, isDischarging, isOffline, supplies } from "../../client/power";

const supply = { type: "", scope: "", status: "", online: "" };
const battery = (status: string) => ({ ...supply, type: "Battery", status });
const mains = (online: string) => ({ ...supply, type: "Mains", online });
const mouse = { ...battery("Discharging"), scope: "Device" };

test("Linux: the machine runs on battery if one discharges and no mains power is plugged in", () => {
  equal(isDischarging([mains("0"), battery("Discharging")]), true);
  equal(isDischarging([mains("0"), battery("Full"), battery("Discharging")]), true);
  equal(isDischarging([mains("1"), battery("Discharging")]), false); // the machine draws more than the charger supplies
  equal(isDischarging([mains("1"), battery("Charging")]), false);
  equal(isDischarging([battery("Not charging")]), false);
});

test("Linux: a mouse's battery does not count, and neither does a machine without supplies", () => {
  equal(isDischarging([mouse]), false);
  equal(isDischarging([]), false);
});

test("Linux: the supplies are read from the folder, and a missing folder has none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-power-"));
  for (const name of ["AC", "BAT0"]) await mkdir(join(folder, name));
  await writeFile(join(folder, "AC/type"), "Mains\n");
  await writeFile(join(folder, "AC/online"), "0\n");
  await writeFile(join(folder, "BAT0/type"), "Battery\n");
  await writeFile(join(folder, "BAT0/status"), "Discharging\n");
  deepEqual(await supplies(folder), [mains("0"), battery("Discharging")]);
  deepEqual(await supplies(join(folder, "nowhere")), []);
  await rm(folder, { recursive: true });
});

test("macOS: pmset says whether the machine draws from the battery", () => {
  equal(
    drawsFromBattery(
      "Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t87%; discharging; 4:10 remaining\n",
    ),
    true,
  );
  equal(drawsFromBattery("Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged;\n"), false);
});

test("Windows: only the power line status Offline means battery", () => {
  equal(isOffline("Offline\r\n"), true);
  equal(isOffline("Online\r\n"), false);
  equal(isOffline("Unknown\r\n"), false);
});
