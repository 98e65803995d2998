// "Select Model…" loads a GGUF file from disk. A broken file is refused with a sentence, and the current model stays.
import { match } from "node:assert/strict";
import { copyFile, cp, open } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import {
  fillPath,
  log,
  notification,
  openVSCode,
  picture,
  quickPick,
  runCommand,
  statusIcon,
  statusLabel,
  type VSCode,
} from "./vscode";

const builtIn = "models/smollm2-135m-instruct-q4_1.gguf";
let code: VSCode;
before(async () => {
  code = await openVSCode();
  await statusIcon(code.page, "sparkle");
});
after(() => code.close());

async function choose(path: string) {
  const { page } = code;
  await runCommand(page, "Glassbox: Select Model");
  await quickPick(page, "A GGUF file…").waitFor();
  await picture(page, "select-model");
  await quickPick(page, "A GGUF file…").click();
  await page.locator(".quick-input-titlebar", { hasText: "Select a Model" }).waitFor();
  await fillPath(page, path, basename(path));
}

async function chooseOther() {
  const other = join(code.folder, "..", "other-model.gguf");
  await cp("test/engine/models/fixtures/llama.gguf", other);
  await choose(other);
  await statusLabel(code.page, "other-model on").waitFor();
}

test("Select Model… switches to another GGUF", chooseOther);

test("a broken GGUF is named in a notification and in the log, and the current model stays", async () => {
  const { page, folder } = code;
  await chooseOther();
  const broken = join(folder, "..", "broken.gguf");
  await copyFile(builtIn, broken); // copies the content even if the model is a link
  const file = await open(broken, "r+");
  await file.truncate(10_000);
  await file.close();
  await choose(broken);
  await notification(page, "broken.gguf").waitFor();
  await picture(page, "broken-model");
  match(await log(code), /\[error\] .*broken\.gguf.*\n(.*\n)?\s+at /); // with the stack
  await statusLabel(page, "other-model on").waitFor();
});
