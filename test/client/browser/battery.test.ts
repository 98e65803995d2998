// A lesson pauses while the machine runs on battery, and resumes by itself: with the smallest of models, and a folder
// in which the test says where the power comes from, as Linux does in its own.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { openVSCode, quickPick, runCommand, statusIcon, statusLabel, type VSCode } from "./vscode";

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
    settings: { "glassbox.model.path": resolve("test/engine/models/fixtures/llama.gguf"), "glassbox.device": "cpu" },
  });
  await statusIcon(code.page, "sparkle");
});
after(async () => {
  await code.close();
  await rm(power, { recursive: true });
});

const panel = () => code.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
const button = (name: string) => panel().getByRole("button", { name, exact: true });

test("on battery the lesson pauses and shows why, and it resumes when the machine is plugged in", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Teach on This Workspace");
  await quickPick(page, "except ignored").click();
  await quickPick(page, "learns most").click();
  await quickPick(page, "60 minutes").click();
  await button("Start").click();
  await panel().getByRole("heading", { level: 1, name: "Paused" }).waitFor();
  const why = "The machine runs on battery. The lesson resumes by itself when it is plugged in.";
  await panel().getByText(why, { exact: true }).waitFor();
  await statusLabel(page, "Paused at").waitFor();
  await isPluggedIn(true);
  await panel()
    .getByRole("heading", { level: 1, name: /^(Measuring|Teaching)/ })
    .waitFor();
});
