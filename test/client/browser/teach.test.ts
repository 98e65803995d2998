// A short lesson from the command to the adapter in use: plan, progress, report. Completions go on meanwhile, and the lesson can
// be resumed after its server was killed. Each test goes on where the one before ended.
import { after, before, test } from "node:test";
import {
  closeMenus,
  fill,
  ghostText,
  languageServer,
  openFile,
  openVSCode,
  panelButton,
  panelHeading,
  panel as panelOf,
  picture,
  quickPick,
  runCommand,
  statusBarItem,
  statusIcon,
  statusLabel,
  type VSCode,
} from "./vscode";

/** For planning and measuring on a slow machine. */
const patience = { timeout: 400_000 };

let code: VSCode;
before(async () => {
  code = await openVSCode({ folder: "node_modules/preact", name: "preact" }); // the demo is learned in one step
  await statusIcon(code.page, "sparkle");
});
after(() => code.close());

const panel = () => panelOf(code.page);
const button = (name: string) => panelButton(code.page, name);
const heading = (name: string | RegExp) => panelHeading(code.page, name);

test("the command leads to a plan that lists the files taken and left out, and filters them", async () => {
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

test("completions come during the lesson, and it is paused and resumed", async () => {
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

test("after the server was killed, Go On resumes the lesson", async () => {
  process.kill(languageServer(code), "SIGKILL");
  await heading("Cut short").waitFor();
  await statusIcon(code.page, "sparkle");
  await button("Go On").click();
  await panel().getByRole("img", { name: "Curves" }).locator("circle.point").nth(1).waitFor(patience);
  await picture(code.page, "lesson");
});

test("a lesson that was stopped early is measured, kept, and used at a scale", async () => {
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
