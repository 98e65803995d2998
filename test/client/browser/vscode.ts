// Drives VS Code in a headless browser as a user does: by keys, the command palette and what is visible.
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { openBrowser, type Server, type ServerOptions, startServer } from "../host";

export interface VSCode {
  page: Page;
  /** The opened folder: a copy of the demo, or of `options.folder`. */
  folder: string;
  server: Server;
  /** Opens the folder in another window of the same user. */
  openWindow(): Promise<Page>;
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
  const context = await browser.newContext({ viewport: { width: 1240, height: 700 }, deviceScaleFactor: 2 });
  context.setDefaultTimeout(120_000); // a busy machine is slow
  const { at } = options;
  async function openWindow(address = server.address(folder)) {
    const page = await context.newPage();
    await page.goto(address);
    await statusBarItem(page).waitFor();
    return page;
  }
  return {
    page: await openWindow(server.address(folder, at && { ...at, file: join(folder, at.file) })),
    folder,
    server,
    openWindow: () => openWindow(),
    async close() {
      await browser.close();
      await server.stop();
      await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const quiet = {
  "glassbox.completions.show": "all", // what these tests look at does not depend on how sure the model is
  "editor.cursorSurroundingLines": 10, // room for ghost text of many lines
  "editor.minimap.enabled": false,
  "editor.occurrencesHighlight": "off",
  // The list of suggestions cancels a pending completion, and the editor does not request it again.
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
  "editor.suggestOnTriggerCharacters": false,
  "files.autoSave": "off",
  "git.openRepositoryInParentFolders": "never",
};

export const statusBarItem = (page: Page) => page.locator('.statusbar-item[id^="glassbox"]');

/** Waits until the status bar item shows an icon: `sparkle` when the model is ready. */
export const statusIcon = (page: Page, icon: string) => statusBarItem(page).locator(`.codicon-${icon}`).waitFor();

/** The status bar item by its label for screen readers, which names the model and the device, or a problem. */
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

/** The view of the visible webview panel. */
export const panel = (page: Page): FrameLocator =>
  page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");

export const panelButton = (page: Page, name: string) => panel(page).getByRole("button", { name, exact: true });

export const panelHeading = (page: Page, name: string | RegExp) =>
  panel(page).getByRole("heading", { level: 1, name, exact: true });

/**
 * Waits until the folder's state that VS Code saves every few seconds holds a text under a key. A window that is reloaded, and
 * another one that is opened on the folder, start with that state.
 */
export async function savedState(page: Page, key: string, text: string) {
  const isSaved = async ([key, text]: string[]) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    for (const { name } of await indexedDB.databases()) {
      if (!name?.startsWith("vscode-web-state-db-")) continue;
      const database = await done(indexedDB.open(name));
      const value = await done(database.transaction("ItemTable").objectStore("ItemTable").get(key!));
      database.close();
      if (String(value).includes(text!)) return true;
    }
    return false;
  };
  while (!(await page.evaluate(isSaved, [key, text]))) await page.waitForTimeout(100);
}

/** Waits for ghost text, and returns what it adds to the caret's line. */
export async function ghostText(editor: Locator): Promise<string> {
  const shown = editor.locator(".view-line .ghost-text-decoration");
  await shown.first().waitFor();
  return (await shown.allTextContents()).join("").replaceAll("\u00a0", " ");
}

export async function saved(page: Page) {
  await page.keyboard.press("Control+S");
  await page.locator(".tab.active:not(.dirty)").waitFor();
}

/** Fills in an input box. It waits for the box's initial value, by which it differs from a quick pick. */
export async function fill(page: Page, text: string) {
  const suggests = () => document.querySelector<HTMLInputElement>(".quick-input-widget input.input")?.value !== "";
  await page.waitForFunction(suggests);
  await page.locator(".quick-input-widget input.input").fill(text);
  await page.keyboard.press("Enter");
}

/**
 * Enters a path into a file dialog. Two waits are needed: the dialog overwrites what is typed before it has listed its first
 * folder, and an Enter before it has listed the path's folder, which holds `among`, only opens that folder.
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

/** Takes a screenshot. images/ holds those of one run, for the README. */
export async function picture(page: Page, name: string) {
  await page.screenshot({ path: `dist/pictures/${name}.png` });
}

export const notification = (page: Page, text: string | RegExp) =>
  page.locator(".notifications-toasts .notification-list-item", { hasText: text });

/** The text that Show Log shows. */
export async function log({ folder }: VSCode): Promise<string> {
  const logs = join(folder, "../data/logs");
  const file = (await readdir(logs, { recursive: true })).find((file) => file.endsWith("Glassbox.log"));
  return readFile(join(logs, file!), "utf8");
}

/** The pid of the language server: the process of VS Code's group that runs our bundle. */
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
