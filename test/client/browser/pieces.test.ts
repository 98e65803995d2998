// Pieces of the workspace in a prompt: a helper that is defined in one file is completed in another, and Show Prompt says where it
// came from.
import { match } from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ghostText, openFile, openVSCode, picture, runCommand, statusIcon, type VSCode } from "./vscode";

const shelf = `// What stands on the labels of shelves.
import { padded } from "./text";

export function describeShelf(shelf: Shelf): string {
  const label = padded(shelf.name, 24);
  const count = shelf.items.length;
  return \`\${label} \${count} items\`;
}
`;

let code: VSCode;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-pieces-"));
  await cp("demo", folder, { recursive: true });
  await writeFile(join(folder, "src/shelf.ts"), shelf);
  await writeFile(join(folder, "src/rack.ts"), "// What stands on the labels of racks.\n\n");
  code = await openVSCode({ folder, settings: { "glassbox.completions.show": "all" } });
  await statusIcon(code.page, "sparkle");
});
after(async () => {
  await code.close();
  await rm(folder, { recursive: true });
});

test("a helper that is defined in one file is completed in another", async () => {
  const { page } = code;
  const editor = await openFile(page, "src/rack.ts");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("export function describeRack(rack: Rack): string {\nconst label = ", { delay: 20 });
  match(await ghostText(editor), /^padded\(/);
});

test("Show Prompt lists the piece with its origin, the reason, its score, tokens and time, and opens the source", async () => {
  const { page } = code;
  await runCommand(page, "Glassbox: Show Prompt");
  const prompt = page.locator('.monaco-editor[data-uri^="glassbox-prompt:"]');
  const lens = prompt.getByText("similar code of src/shelf.ts");
  await lens.waitFor();
  await picture(page, "prompt-pieces");
  match(
    (await lens.textContent())!.replaceAll("\u00a0", " "),
    /, lines 1 to \d+ · shares .*labels.* · score 0\.\d\d · \d+ tokens · found in \d+\.\d ms$/,
  );
  await lens.click();
  await page.locator('.monaco-editor[data-uri$="src/shelf.ts"]').waitFor();
});
