// A lesson in windows that come and go: its panel is restored when the window is reloaded, and a second window on the folder
// leaves the lesson alone until the first one is closed.
import { equal } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import {
  openVSCode,
  panel,
  panelButton,
  panelHeading,
  picture,
  quickPick,
  runCommand,
  savedState,
  statusIcon,
} from "./vscode";

/** Opens VS Code and plans a lesson of the demo, which takes the built-in model some minutes. */
async function plan(context: TestContext) {
  const code = await openVSCode();
  context.after(() => code.close());
  const { page } = code;
  await statusIcon(page, "sparkle");
  await runCommand(page, "Glassbox: Teach on This Workspace");
  await quickPick(page, "except ignored").click();
  await quickPick(page, "learns most").click();
  await quickPick(page, "60 minutes").click();
  await panelHeading(page, "Teach on corner-shop").waitFor();
  return code;
}

const buttons = (page: Page) => panel(page).getByRole("button").allTextContents();

test("when the window is reloaded the panel shows the plan again, with the filter that was typed", async (context) => {
  const { page } = await plan(context);
  const filter = () => panel(page).getByRole("searchbox");
  const taken = () => panel(page).getByRole("rowheader");
  await filter().fill("MONEY");
  await taken().first().waitFor();
  equal(await taken().count(), 1);
  await savedState(page, "memento/workbench.parts.editor", "MONEY");
  await page.reload();
  await panelHeading(page, "Teach on corner-shop").waitFor();
  equal(await filter().inputValue(), "MONEY");
  equal(await taken().count(), 1);
  await panel(page).locator("button:enabled", { hasText: "Start" }).waitFor(); // the server was asked for the plan
});

test("a second window shows a lesson of the first without buttons, and can resume it when the first is closed", async (context) => {
  const { page: first, openWindow } = await plan(context);
  await panelButton(first, "Start").click();
  await panelHeading(first, /^Measuring what it knows/).waitFor();
  await savedState(first, "glassbox.glassbox", "secondsLeft");

  const second = await openWindow();
  await statusIcon(second, "sparkle");
  await runCommand(second, "Glassbox: Show Lesson");
  await panelHeading(second, "Open in another window").waitFor();
  equal((await buttons(second)).join(), "");
  await picture(second, "elsewhere");
  await panelHeading(first, /^(Measuring|Teaching)/).waitFor();

  await runCommand(second, "Glassbox: Restart");
  await statusIcon(second, "loading");
  await statusIcon(second, "sparkle");
  await panelHeading(second, "Open in another window").waitFor();

  await first.goto("about:blank"); // ends the window as closing it does
  await panelHeading(second, "Cut short").waitFor();
  await panelButton(second, "Go On").click();
  await panelHeading(second, /^(Measuring|Teaching)/).waitFor();
});
