// A lesson pauses while the machine runs on battery, and resumes by itself. The model is the smallest one, and the test writes the
// files in which Linux says where the power comes from.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import {
  openVSCode,
  panel,
  panelButton,
  panelHeading,
  quickPick,
  runCommand,
  statusIcon,
  statusLabel,
  type VSCode,
} from "./vscode";

let code: VSCode;
let power: string;

async function isPluggedIn(online: boolean) {
  await writeFile(join(power, "AC/online"), online ? "1\n" : "0\n");
  await writeFile(join(power, "BAT0/status"), online ? "Charging\n" : "Discharging\n");
}

before(async () => {
  power = await mkdtemp(join(tmpdir(), "glassbox-power-"));
  for (const [name, type] of [
    ["AC", "Mains"],
    ["BAT0", "Battery"],
  ]) {
    await mkdir(join(power, name));
    await writeFile(join(power, name, "type"), `${type}\n`);
  }
  await isPluggedIn(false);
  code = await openVSCode({
    env: { GLASSBOX_POWER_SUPPLY: power },
    machineSettings: {
      "glassbox.model.path": resolve("test/engine/models/fixtures/llama.gguf"),
      "glassbox.device": "cpu",
    },
  });
  await statusIcon(code.page, "sparkle");
});
after(async () => {
  await code.close();
  await rm(power, { recursive: true });
});

test("on battery the lesson pauses and shows why, and it resumes when the machine is plugged in", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Teach on This Workspace");
  await quickPick(page, "except ignored").click();
  await quickPick(page, "learns most").click();
  await quickPick(page, "60 minutes").click();
  await panelButton(page, "Start").click();
  await panelHeading(page, "Paused").waitFor();
  const why = "The machine runs on battery. The lesson resumes by itself when it is plugged in.";
  await panel(page).getByText(why, { exact: true }).waitFor();
  await statusLabel(page, "Paused at").waitFor();
  await isPluggedIn(true);
  await panelHeading(page, /^(Measuring|Teaching)/).waitFor();
});
