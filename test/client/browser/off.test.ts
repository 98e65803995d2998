// Where no completions come by themselves, the user is told why and is offered a switch. Trigger Completion works from the palette
// and by its key. The settings open in the scope in which they apply.
import { equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import {
  ghostText,
  openFile,
  openVSCode,
  picture,
  quickOpen,
  quickPick,
  runCommand,
  statusBarItem,
  statusIcon,
  statusLabel,
  type VSCode,
} from "./vscode";

const lastLine = readFileSync("demo/src/try-it.ts", "utf8").split("\n").length;
let code: VSCode;
before(async () => {
  code = await openVSCode({
    at: { file: "src/try-it.ts", line: lastLine },
    settings: { "workbench.editorLargeFileConfirmation": 100 },
  });
  // This comes before any search for files, because VS Code answers from its old list while it makes a new one.
  await writeFile(join(code.folder, "large.ts"), "const a = 1;\n".repeat(4_300_000)); // 56 MB
  await statusIcon(code.page, "sparkle");
});
after(() => code.close());
afterEach(closeEditors);

async function closeEditors() {
  await code.page.keyboard.press("Escape");
  while (await code.page.locator(".tabs-container .tab").count())
    await runCommand(code.page, "View: Revert and Close Editor");
}

const languageStatus = () => code.page.locator("[id='status.languageStatus']");
const settingsFound = () => code.page.locator(".settings-editor .settings-count-widget");

test("the demo opens at the end of a file that says where to type, and completions come there", async () => {
  const { page } = code;
  const editor = page.locator('.monaco-editor[data-uri$="src/try-it.ts"]');
  await editor.getByText("Write the next function below").waitFor();
  await page.locator(".statusbar-item", { hasText: `Ln ${lastLine}, Col 1` }).waitFor();
  await page.keyboard.type("export function largest(", { delay: 20 });
  await ghostText(editor);
  await picture(page, "demo");
});

test("Trigger Completion is in the palette, and Alt+\\ gives the same completion", async () => {
  const { page } = code;
  const editor = await openFile(page, "src/money.ts");
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("\nexport function larger(a: Money, b: Money): Money {\n  return ");
  await page.keyboard.press("Escape");
  await runCommand(page, "Glassbox: Trigger Completion");
  const first = await ghostText(editor);
  await page.keyboard.press("Escape");
  await editor.locator(".ghost-text-decoration").first().waitFor({ state: "detached" });
  await page.keyboard.press("Alt+\\");
  equal(await ghostText(editor), first);
});

test("in an untitled plain text the status bar says that completions are off, and the menu turns them on", async () => {
  const { page } = code;
  await closeEditors();
  await page.locator(".editor-group-container.empty").dblclick();
  await statusLabel(page, "Completions are off for Plain Text").waitFor();
  await statusIcon(page, "circle-slash");
  await page.locator(".statusbar-item", { hasText: "Plain Text" }).waitFor();
  await statusBarItem(page).hover();
  await page.locator(".workbench-hover", { hasText: "Turn Completions On for Plain Text" }).waitFor();
  await picture(page, "off");
  await languageStatus().click();
  await page.locator(".hover-language-status").getByText("Turn Completions On for Plain Text").waitFor();
  await picture(page, "off-language-status");
  await statusBarItem(page).click();
  await quickPick(page, "Turn Completions On for Plain Text").click();
  await statusIcon(page, "sparkle");
  const editor = page.locator('.monaco-editor[data-uri^="untitled:"]');
  await editor.click();
  await page.keyboard.type("To be, or not to", { delay: 20 });
  await ghostText(editor);
});

test("the status bar says that a file is too large for extensions", async () => {
  const { page } = code;
  await quickOpen(page, "large.ts");
  await page.locator('.monaco-editor[data-uri$="large.ts"] .view-line').first().waitFor();
  await statusLabel(page, "too large: VS Code does not show it to extensions").waitFor();
  await picture(page, "large");
});

test("in a diff editor the status bar says that completions come only by hand, and Alt+\\ shows one", async () => {
  const { page } = code;
  await runCommand(page, "File: Compare New Untitled Text Files");
  await statusLabel(page, "In a comparison completions come only by hand").waitFor();
  await statusIcon(page, "circle-slash");
  const editor = page.locator(".monaco-diff-editor .editor.modified");
  await editor.click();
  await page.keyboard.type("function add(a, b) { return ", { delay: 20 });
  await page.keyboard.press("Alt+\\");
  await ghostText(editor);
  await picture(page, "comparison");
});

test("the walkthrough's first step opens a code sample in which completions come", async () => {
  const { page } = code;
  await runCommand(page, "Welcome: Open Walkthrough...");
  await quickPick(page, "Get Started with Glassbox").first().click();
  await page
    .getByRole("link", { name: "Open a few lines to try it" })
    .or(page.getByRole("button", { name: "Open a few lines to try it" }))
    .click();
  const editor = page.locator('.monaco-editor[data-uri^="untitled:"]');
  await editor.getByText("Type, and look at the grey text").waitFor();
  await page.locator(".statusbar-item", { hasText: "TypeScript" }).waitFor();
  await page.keyboard.type("return ", { delay: 20 });
  await ghostText(editor);
  await picture(page, "sample");
});

test("in a remote window the menu opens all fourteen settings, and the language status the device's", async () => {
  const { page } = code;
  await statusBarItem(page).click();
  await quickPick(page, "Settings").click();
  await settingsFound().getByText("14 Settings Found").waitFor();
  await picture(page, "settings");
  await page.keyboard.press("Escape");
  await openFile(page, "src/money.ts");
  await languageStatus().click();
  await page.getByText("Change…").click();
  await settingsFound().getByText("1 Setting Found").waitFor();
  await picture(page, "device-setting");
});
