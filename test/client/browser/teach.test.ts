// A short lesson from the command to the adapter in use, as a person would give it: plan, progress, report. Completions go on
// meanwhile, and a server that dies costs no more than the steps since its last checkpoint.
import { after, before, test } from "node:test";
import {
  closeMenus,
  fill,
  ghostText,
  languageServer,
  openFile,
  openVSCode,
  picture,
  quickPick,
  runCommand,
  statusBarItem,
  statusIcon,
  statusLabel,
  type VSCode,
} from "./vscode";

/** A lesson on few files and what is measured before and after it, on a slow machine. */
const patience = { timeout: 400_000 };

let code: VSCode;
before(async () => {
  code = await openVSCode({ folder: "node_modules/preact", name: "preact" }); // the demo is learned in one step
  await statusIcon(code.page, "sparkle");
});
after(() => code.close());

const panel = () => code.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
const button = (name: string) => panel().getByRole("button", { name, exact: true });
const heading = (name: string | RegExp) => panel().getByRole("heading", { level: 1, name });

test("the command leads to a plan that says what is taken, what is not, and what it takes", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Teach on This Workspace");
  await quickPick(page, "This workspace").first().waitFor();
  await page.keyboard.press("Enter");
  await quickPick(page, "learns most").waitFor();
  await page.keyboard.press("Enter");
  await quickPick(page, "5 minutes").click();
  await heading("Teach on preact").waitFor(patience);
  const generated = panel().getByText("It was written by a program.");
  await generated.waitFor();
  await panel().getByText("held out", { exact: true }).first().waitFor();
  await picture(page, "lesson-plan");
  await panel().getByRole("searchbox").fill("readme");
  await generated.waitFor({ state: "detached" });
  await panel().getByRole("searchbox").fill("");
});

test("the lesson goes on while one works, and is paused and resumed", async () => {
  const { page } = code;
  await button("Start").click();
  await heading(/^Teaching/).waitFor(patience);
  await statusLabel(page, "Teaching").waitFor();
  const editor = await openFile(page, "hooks/src/index.js");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nexport function useTitle(", { delay: 20 });
  await ghostText(editor);
  await page.keyboard.press("Escape");
  await runCommand(page, "File: Revert File");
  await runCommand(page, "Glassbox: Show Lesson");
  await button("Pause").click();
  await heading("Paused").waitFor();
  await statusBarItem(page).click();
  await quickPick(page, "Resume the Lesson").waitFor();
  await closeMenus(page);
  await button("Resume").click();
  await heading(/^Teaching/).waitFor();
});

test("after the server was killed the lesson goes on", async () => {
  process.kill(languageServer(code), "SIGKILL");
  await heading("Cut short").waitFor();
  await statusIcon(code.page, "sparkle");
  await button("Go On").click();
  await panel().getByRole("img", { name: "Curves" }).locator("circle.point").nth(1).waitFor(patience);
  await picture(code.page, "lesson");
});

test("ended early it is measured, kept, and in use", async () => {
  const { page } = code;
  await button("Stop and Measure").or(button("Keep")).waitFor(patience);
  if (await button("Stop and Measure").isVisible()) await button("Stop and Measure").click();
  await button("Keep").waitFor(patience);
  await heading(
    /^[\d.]+ % less loss on what it has not seen$|^It did not become better$|^Hardly anything was learned$/,
  ).waitFor();
  await panel().getByText("Lines completed exactly").waitFor();
  await picture(page, "lesson-report");
  await panel().getByLabel("Name").fill("shop-talk");
  await button("Keep").click();
  await panel().getByText("“shop-talk” is kept and in use").waitFor();
  await button("Adapters…").click();
  await quickPick(page, "shop-talk").filter({ hasText: "in use" }).waitFor();
  await picture(page, "adapters");
  await quickPick(page, "shop-talk").click();
  await quickPick(page, "Scale…").click();
  await fill(page, "0.5");
  await quickPick(page, "shop-talk").filter({ hasText: "in use at scale 0.5" }).waitFor();
  await panel().getByText("0.50", { exact: true }).waitFor();
  await quickPick(page, "shop-talk").click();
  await quickPick(page, "Stop Using It Here").click();
  await quickPick(page, "shop-talk").filter({ hasNotText: "in use" }).waitFor();
  await panel().getByText("“shop-talk” is kept, and not in use.").waitFor();
  await closeMenus(page);
});
