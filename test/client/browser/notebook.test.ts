// Completions in a notebook.
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ghostText, openVSCode, picture, quickOpen, runCommand, statusIcon } from "./vscode";

const cell = (...source: string[]) => ({ cell_type: "code", execution_count: null, metadata: {}, outputs: [], source });
const notebook = {
  cells: [
    cell("import math\n", "\n", "def area(radius):\n", "    return math.pi * radius ** 2"),
    cell("def circumference(radius):\n", "    "),
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
};

test("a notebook's cell gets ghost text, and the prompt holds the cell before", async () => {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-notebook-"));
  await cp("demo", folder, { recursive: true });
  await writeFile(join(folder, "circle.ipynb"), JSON.stringify(notebook));
  const code = await openVSCode({ folder });
  const { page } = code;
  try {
    await statusIcon(page, "sparkle");
    await quickOpen(page, "circle.ipynb");
    const editor = page.locator(".notebookOverlay .cell.code .monaco-editor").nth(1);
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("ret", { delay: 20 });
    await ghostText(editor);
    await picture(page, "notebook");
    await runCommand(page, "Glassbox: Show Prompt");
    const prompt = page.locator('.monaco-editor[data-uri^="glassbox-prompt:"]');
    await prompt.getByText("math.pi * radius ** 2").first().waitFor();
  } finally {
    await code.close();
    await rm(folder, { recursive: true });
  }
});
