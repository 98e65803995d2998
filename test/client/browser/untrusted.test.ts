// An untrusted workspace whose settings name a model gets completions from the built-in model, until it is trusted.
import { equal } from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ghostText, openFile, openVSCode, picture, quickPick, statusBarItem, statusIcon, statusLabel } from "./vscode";

test("the built-in model completes in an untrusted workspace, and the workspace's own model is loaded once it is trusted", async () => {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-untrusted-"));
  await cp("demo", folder, { recursive: true });
  await mkdir(join(folder, ".vscode"));
  const model = join(folder, "tiny.gguf");
  await cp("test/engine/models/fixtures/llama.gguf", model);
  const settings = { "glassbox.model.path": model, "glassbox.node.path": "/nowhere/evil-node" };
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
    await page.keyboard.press("Escape");
    await statusLabel(page, "SmolLM2-135M-Instruct").waitFor();

    await statusBarItem(page).click();
    await quickPick(page, "Trust This Workspace…").waitFor();
    await picture(page, "restricted");
    for (const hidden of ["Select Model…", "Teach on This Workspace", "Adapters…"])
      equal(await quickPick(page, hidden).count(), 0, hidden);

    await quickPick(page, "Trust This Workspace…").click();
    await page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
    await statusLabel(page, "tiny on").waitFor();
  } finally {
    await code.close();
    await rm(folder, { recursive: true });
  }
});
