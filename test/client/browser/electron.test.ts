// The server runs in the editor's own Node, which is Electron's on a desktop. The test emulates it, because a remote extension
// host runs in a real Node.
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { ghostText, openFile, openVSCode, statusBarItem, statusIcon } from "./vscode";

test("in Electron's Node completions come from the CPU, and the status says why", async () => {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-electron-"));
  const node = join(folder, "node");
  const emulation = resolve("test/package/electron.cjs");
  await writeFile(node, `#!/bin/sh\nexec "${process.execPath}" --require "${emulation}" "$@"\n`);
  await chmod(node, 0o755);
  const code = await openVSCode({ machineSettings: { "glassbox.node.path": node, "glassbox.device": "gpu" } });
  const { page } = code;
  try {
    await statusIcon(page, "sparkle");
    const editor = await openFile(page, "src/money.ts");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\nexport function subtract", { delay: 20 });
    await ghostText(editor);
    await statusBarItem(page).hover();
    await page.locator(".monaco-hover", { hasText: "Electron's Node cannot read back from a GPU" }).waitFor();
  } finally {
    await code.close();
    await rm(folder, { recursive: true });
  }
});
