// A workspace that is not trusted names a model of its own: it gets completions, from the built-in model.
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ghostText, openFile, openVSCode, statusIcon, statusLabel } from "./vscode";

test("an untrusted workspace gets completions from the built-in model only", async () => {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-untrusted-"));
  await cp("demo", folder, { recursive: true });
  await mkdir(join(folder, ".vscode"));
  const settings = { "glassbox.model.path": "/nowhere/evil.gguf", "glassbox.node.path": "/nowhere/evil-node" };
  await writeFile(join(folder, ".vscode/settings.json"), JSON.stringify(settings));
  const code = await openVSCode({
    folder,
    trust: true,
    settings: { "security.workspace.trust.startupPrompt": "never" },
  });
  const { page } = code;
  try {
    await page.locator(".statusbar-item", { hasText: "Restricted Mode" }).waitFor();
    await statusIcon(page, "sparkle");
    const editor = await openFile(page, "src/money.ts");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\nexport function subtract", { delay: 20 });
    await ghostText(editor);
    await statusLabel(page, "SmolLM2-135M-Instruct").waitFor();
  } finally {
    await code.close();
    await rm(folder, { recursive: true });
  }
});
