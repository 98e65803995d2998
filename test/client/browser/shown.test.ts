// What of a completion is shown: within a line what goes between its halves, and by itself only what the model is sure of.
import { equal, match } from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { ghostText, openFile, openVSCode, picture, saved, statusIcon, type VSCode } from "./vscode";

const files = {
  "src/print.js": "function print(items) {\n  for (let i = 0;i++) {\n    console.log(items[i]);\n  }\n}\n",
  "src/point.rs": "impl Point {\n    fn new(x: f64, y: f64) -> Self {\n        Point { x:x, y }\n    }\n}\n",
  "src/read.ts": "import { readFile } from\n",
};

let code: VSCode;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-shown-"));
  await cp("demo", folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  code = await openVSCode({
    folder,
    settings: { "glassbox.completions.show": "balanced", "editor.autoIndent": "none" },
  });
  await statusIcon(code.page, "sparkle");
});
after(async () => {
  await code.close();
  await rm(folder, { recursive: true });
});

/** Opens a file with the caret before the first `text` of a line, counted from 0. */
async function openBefore(path: keyof typeof files, line: number, text: string) {
  const editor = await openFile(code.page, path);
  await code.page.keyboard.press("Control+Home");
  for (let i = 0; i < line; i++) await code.page.keyboard.press("ArrowDown");
  await code.page.keyboard.press("End");
  const whole = files[path].split("\n")[line];
  for (let at = whole.length; at > whole.indexOf(text); at--) await code.page.keyboard.press("ArrowLeft");
  return editor;
}

/** Presses a key, and waits until the status bar's icon has shown that the model works, and then that it is ready. */
async function answered(page: Page, key: string) {
  await page.locator(".part.statusbar").evaluate((bar) => {
    let hasWorked = false;
    const icon = (name: string) => bar.querySelector(`[id^="glassbox"] .codicon-${name}`) !== null;
    const note = () => {
      hasWorked ||= icon("loading");
    };
    new MutationObserver(note).observe(bar, { subtree: true, childList: true, attributes: true });
    Object.assign(window, { isAnswered: () => hasWorked && icon("sparkle") });
  });
  await page.keyboard.press(key);
  await page.waitForFunction("isAnswered()");
}

test("within a line ghost text ends where the rest of the line begins", async () => {
  const { page } = code;
  const editor = await openBefore("src/print.js", 1, "i++");
  await page.keyboard.type(" ");
  equal(await ghostText(editor), "i < items.length; ");
  await picture(page, "within-line");
  await page.keyboard.press("Tab");
  await saved(page);
  match(await readFile(join(code.folder, "src/print.js"), "utf8"), /for \(let i = 0; i < items\.length; i\+\+\) \{/);
});

test("within a line nothing is shown that the rest of the line does not go on from", async () => {
  const { page } = code;
  const editor = await openBefore("src/point.rs", 2, "x, y");
  await answered(page, "Space");
  equal(await editor.locator(".ghost-text-decoration").count(), 0);
});

test("where the model is unsure nothing is shown until one asks for it", async () => {
  const { page } = code;
  const editor = await openFile(page, "src/read.ts");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("End");
  await answered(page, "Space");
  equal(await editor.locator(".ghost-text-decoration").count(), 0);
  await page.keyboard.press("Alt+Backslash");
  match(await ghostText(editor), /^["'].+["']/);
});
