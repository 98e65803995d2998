// The server's process is killed while the user types: another one takes over, and no keystroke is lost. After five deaths it is
// not started again until the user presses Restart.
import { doesNotMatch, match } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  ghostText,
  languageServer,
  log,
  notification,
  openFile,
  openVSCode,
  saved,
  statusIcon,
  type VSCode,
} from "./vscode";

async function kill(code: VSCode) {
  await statusIcon(code.page, "sparkle");
  const starting = statusIcon(code.page, "loading");
  process.kill(languageServer(code), "SIGKILL");
  return { starting };
}

test("a killed server is replaced by one that completes in the same document", async () => {
  const code = await openVSCode();
  const { page, folder } = code;
  try {
    await statusIcon(page, "sparkle");
    const editor = await openFile(page, "src/money.ts");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\nexport function larger", { delay: 20 });
    await ghostText(editor);
    await page.keyboard.press("Escape");
    const { starting } = await kill(code);
    await page.keyboard.type("(a: Money, b: Money): Money {\nreturn a", { delay: 20 });
    await starting;
    await ghostText(editor); // VS Code requests it again without another keystroke
    await page.keyboard.press("Escape");
    const said = await log(code);
    match(said, /\[error\] The server ended by itself \(SIGKILL\)\.\n.*\[info\] Another server is started\./);
    doesNotMatch(said, /will not be restarted|\n\s+at /);
    await saved(page);
    const text = await readFile(join(folder, "src/money.ts"), "utf8");
    match(text.slice(-100), /export function larger\(a: Money, b: Money\): Money \{\n {2}return a/);
  } finally {
    await code.close();
  }
});

test("a server that dies five times is restarted by a button", async () => {
  const code = await openVSCode();
  const { page } = code;
  try {
    for (let deaths = 1; deaths < 5; deaths++) {
      const { starting } = await kill(code);
      await starting;
    }
    const { starting } = await kill(code);
    starting.catch(() => {}); // the server is not started this time
    await statusIcon(page, "error");
    await notification(page, "stopped 5 times").getByText("Restart", { exact: true }).click();
    await statusIcon(page, "sparkle");
  } finally {
    await code.close();
  }
});
