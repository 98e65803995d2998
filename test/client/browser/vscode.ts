// Drives a VS Code in a headless browser as a person would: by its keys, its palette and what it shows.
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { openBrowser, type Server, type ServerOptions, startServer } from "../host";

export interface VSCode {
  page: Page;
  /** The opened folder, a copy of the demo's or of another. */
  folder: string;
  server: Server;
  close(): Promise<void>;
}

export async function openVSCode(
  options: Partial<ServerOptions> & { folder?: string; name?: string; at?: { file: string; line: number } } = {},
): Promise<VSCode> {
  const scratch = await mkdtemp(join(tmpdir(), "glassbox-"));
  const folder = join(scratch, options.name ?? "corner-shop");
  await cp(options.folder ?? "demo", folder, { recursive: true });
  const settings = { ...quiet, ...options.settings };
  const server = await startServer({ data: join(scratch, "data"), extension: "installed", ...options, settings });
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1240, height: 700 }, deviceScaleFactor: 2 });
  page.setDefaultTimeout(120_000); // a busy machine is no fault
  const { at } = options;
  await page.goto(server.address(folder, at && { ...at, file: join(folder, at.file) }));
  await statusBarItem(page).waitFor();
  return {
    page,
    folder,
    server,
    async close() {
      await browser.close();
      await server.stop();
      await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const quiet = {
  "editor.cursorSurroundingLines": 10, // room for ghost text of many lines
  "editor.minimap.enabled": false,
  "editor.occurrencesHighlight": "off",
  // The list of suggestions calls off a completion that is not there yet, and the editor does not ask for it again.
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "files.autoSave": "off",
  "git.openRepositoryInParentFolders": "never",
};

export const statusBarItem = (page: Page) => page.locator('.statusbar-item[id^="glassbox"]');

/** Waits until the status bar item shows an icon: `sparkle` when the model is ready. */
export const statusIcon = (page: Page, icon: string) => statusBarItem(page).locator(`.codicon-${icon}`).waitFor();

/** The status bar item as a screen reader says it: the model, the device, or what is wrong. */
export const statusLabel = (page: Page, text: string) =>
  page.locator(`.statusbar-item[id^="glassbox"] [aria-label*="${text}"]`);

export async function quickOpen(page: Page, path: string) {
  await page.keyboard.press("Control+P");
  await page.locator(".quick-input-widget input").fill(path);
  await focused(page, basename(path)).waitFor();
  await page.keyboard.press("Enter");
}

export async function openFile(page: Page, path: string): Promise<Locator> {
  await quickOpen(page, path);
  const editor = page.locator(`.monaco-editor[data-uri$="${path}"]`);
  await editor.locator(".view-line").first().waitFor();
  await editor.click();
  return editor;
}

export async function runCommand(page: Page, command: string) {
  await page.keyboard.press("F1");
  await page.locator(".quick-input-widget input").fill(`>${command}`);
  await focused(page, command).waitFor();
  await page.keyboard.press("Enter");
}

const focused = (page: Page, label: string) =>
  page.locator(".quick-input-list .monaco-list-row.focused", { hasText: label });

export const quickPick = (page: Page, label: string) =>
  page.locator(".quick-input-list .monaco-list-row", { hasText: label });

/** Waits for ghost text, and gives what it adds to the caret's line. */
export async function ghostText(editor: Locator): Promise<string> {
  const shown = editor.locator(".view-line .ghost-text-decoration");
  await shown.first().waitFor();
  return (await shown.allTextContents()).join("").replaceAll("\u00a0", " ");
}

export async function saved(page: Page) {
  await page.keyboard.press("Control+S");
  await page.locator(".tab.active:not(.dirty)").waitFor();
}

/** Answers what VS Code asks for in a line of text; it suggests something, which no list of choices does. */
export async function fill(page: Page, text: string) {
  const suggests = () => document.querySelector<HTMLInputElement>(".quick-input-widget input.input")?.value !== "";
  await page.waitForFunction(suggests);
  await page.locator(".quick-input-widget input.input").fill(text);
  await page.keyboard.press("Enter");
}

/**
 * Gives a file dialog a path. The dialog writes its own path over what is typed before it has listed the folder it starts
 * in, and an Enter that comes before it has listed the path's folder, in which there is `among`, only goes there.
 */
export async function fillPath(page: Page, path: string, among: string) {
  await quickPick(page, "..").waitFor();
  await page.locator(".quick-input-widget input.input").fill(path);
  await quickPick(page, among).waitFor();
  await page.keyboard.press("Enter");
}

export async function closeMenus(page: Page) {
  await page.keyboard.press("Escape");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

/** For the README: images/ holds those of one run. */
export async function picture(page: Page, name: string) {
  await page.screenshot({ path: `dist/pictures/${name}.png` });
}

export const notification = (page: Page, text: string | RegExp) =>
  page.locator(".notifications-toasts .notification-list-item", { hasText: text });

/** What Show Log shows. */
export async function log({ folder }: VSCode): Promise<string> {
  const logs = join(folder, "../data/logs");
  const file = (await readdir(logs, { recursive: true })).find((file) => file.endsWith("Glassbox.log"));
  return readFile(join(logs, file!), "utf8");
}

/** The language server's process: the one below VS Code's that runs our bundle. */
export function languageServer({ server }: VSCode): number {
  const rows = execFileSync("ps", ["-eo", "pid=,pgid=,args="], { encoding: "utf8" }).split("\n");
  const row = rows
    .map((row) => row.trim().split(/\s+/))
    .find(([, group, ...command]) => {
      return group === String(server.process.pid) && command.some((word) => word.endsWith("dist/server.js"));
    });
  if (!row) throw new Error(`No language server runs below process ${server.process.pid}`);
  return Number(row[0]);
}
