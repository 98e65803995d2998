// The server's process is killed while one types: another takes over, and no keystroke is lost.
import { match, notEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { ghostText, languageServer, openFile, openVSCode, saved, statusIcon } from "./vscode";

test("a killed server is started again and knows the document", async () => {
  const code = await openVSCode();
  const { page, folder } = code;
  try {
    await statusIcon(page, "sparkle");
    const editor = await openFile(page, "src/shop.ts");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\nexport function first", { delay: 20 });
    await ghostText(editor);
    await statusIcon(page, "sparkle");
    const killed = languageServer(code);
    const starting = statusIcon(page, "loading");
    process.kill(killed, "SIGKILL");
    await page.keyboard.type("Product(products: Product[]): Product {\n", { delay: 20 });
    await starting;
    await statusIcon(page, "sparkle");
    notEqual(languageServer(code), killed);
    await page.keyboard.type("return products", { delay: 20 });
    await ghostText(editor);
    await page.keyboard.press("Escape");
    await saved(page);
    const text = await readFile(join(folder, "src/shop.ts"), "utf8");
    match(text.slice(-100), /export function firstProduct\(products: Product\[\]\): Product \{\n {2}return products/);
  } finally {
    await code.close();
  }
});
