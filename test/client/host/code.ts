// Replaces VS Code's executable for @vscode/test-electron: takes the same arguments, runs the extension tests in the fetched VS
// Code, prints their output, and ends with their exit code.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { format, parseArgs } from "node:util";
import { openBrowser } from "./browser";
import { startServer } from "./server";

const { values, positionals } = parseArgs({
  options: { extensionDevelopmentPath: { type: "string" }, extensionTestsPath: { type: "string" } },
  strict: false, // the other options are for the desktop's window
  allowPositionals: true,
});

const data = await mkdtemp(join(tmpdir(), "glassbox-tests-"));
const server = await startServer({ data, extension: "developed" });
const browser = await openBrowser();
process.exitCode = 1;
try {
  const page = await browser.newPage();
  const ended = new Promise<number>((resolve, reject) => {
    page.on("crash", () => reject(new Error("the browser's page crashed")));
    page.exposeFunction("codeAutomationExit", resolve);
  });
  await page.exposeFunction("codeAutomationLog", (type: string, args: unknown[]) => {
    if (type === "log") console.log(format(...args));
  });
  await page.goto(
    server.testAddress(
      resolve(positionals[0] ?? "."),
      resolve(String(values.extensionDevelopmentPath)),
      resolve(String(values.extensionTestsPath)),
    ),
  );
  process.exitCode = await ended;
} finally {
  await browser.close();
  await server.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
