// The main journey: the user types, sees ghost text and accepts it with Tab; Show Prompt shows what was sent.
import { equal } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  closeMenus,
  ghostText,
  openFile,
  openVSCode,
  picture,
  runCommand,
  saved,
  statusBarItem,
  statusIcon,
  type VSCode,
} from "./vscode";

let code: VSCode;
before(async () => {
  code = await openVSCode();
  await statusIcon(code.page, "sparkle");
});
after(() => code.close());

/** Types the beginning of a function at the end of a file. Returns the ghost text that follows. */
async function typeFunction(): Promise<string> {
  const { page } = code;
  const editor = await openFile(page, "src/shop.ts");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nexport function returnOrder(id: number): Order {\n", { delay: 20 });
  await page.keyboard.type('const order = findOrder(id);\nif (order.status !== "delivered")\n', { delay: 20 });
  return ghostText(editor);
}

test("typing shows ghost text, Tab accepts it, and the saved file contains it", async () => {
  const { page, folder } = code;
  const ghost = await typeFunction();
  await picture(page, "ghost-text");
  await page.keyboard.press("Tab");
  await saved(page);
  const text = await readFile(join(folder, "src/shop.ts"), "utf8");
  const [, , , written] = text.slice(text.lastIndexOf("export function returnOrder")).split("\n");
  equal(written, `    ${ghost}`);
});

test("the status bar item opens a menu that names the model and the device", async () => {
  const { page } = code;
  await statusBarItem(page).click();
  await page.locator(".quick-input-titlebar", { hasText: /SmolLM2-135M-Instruct on .*CPU/ }).waitFor();
  await picture(page, "menu");
  await closeMenus(page);
});

test("Show Prompt opens the prompt that was sent to the model, with the origin of its pieces", async () => {
  const { page } = code;
  await typeFunction();
  await runCommand(page, "Glassbox: Show Prompt");
  const prompt = page.locator('.monaco-editor[data-uri^="glassbox-prompt:"]');
  await prompt.getByText("the completion that the model wrote").waitFor();
  await prompt.locator(".view-line span span").getByText("function", { exact: true }).first().waitFor(); // coloured by the grammar
  await picture(page, "prompt");
});
