// The sources and functions that the tools name exist. Some tools are only run by hand, so nothing else would notice.
import { ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

const { bundle, bundled } = await import(pathToFileURL(resolve("tools/steps.mjs")).href);

const tools = (await readdir("tools", { recursive: true })).filter((name) => name.endsWith(".mjs"));
const named = new Map<string, string>();
for (const tool of tools)
  for (const [, path] of (await readFile(join("tools", tool), "utf8")).matchAll(/"((?:\w+\/)+\w+\.tsx?)"/g))
    if (!path.includes("/fixtures/")) named.set(path, tool);

for (const [path, tool] of named)
  test(`tools/${tool.replaceAll("\\", "/")}: ${path} can be bundled`, async () => {
    ok(existsSync(path), `there is no ${path}`);
    ok(existsSync(await bundle(path)));
  });

test("the sources export the functions that the tools import", async () => {
  let count = 0;
  for (const tool of tools)
    for (const [, names, path] of (await readFile(join("tools", tool), "utf8")).matchAll(
      /const \{ ([\w, ]+) \} = await bundled\("([^"]+)"\)/g,
    ))
      for (const name of names.split(", ")) {
        ok(name in (await bundled(path)), `tools/${tool}: ${path} exports ${name}`);
        count++;
      }
  ok(count > 4, `${count} functions`);
});
