// Compares a view's HTML with the file in snapshots/. A missing file is written, and the test fails so that a person looks at it.
import { equal, fail } from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = "test/webview/snapshots";

export function matchesSnapshot(name: string, html: string) {
  const file = join(folder, `${name}.html`);
  const now = `${html.replaceAll("><", ">\n<")}\n`;
  if (existsSync(file)) return equal(now, readFileSync(file, "utf8"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, now);
  fail(`${file} was missing and has been written: look at it, then run the test again`);
}
