// What the index keeps between sessions.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder, makeIndex, type TestFolder } from "./folder";

const files = {
  "a.ts": "export function first() {\n  return second();\n}\n",
  "lib/b.py": "def second():\n    return first\n",
  "keys.ts": `export const apiKey = "${"9f8a7c6b5d4e3f2a1b0c9d8e"}";\n`,
};

const kept = (storage: TestFolder) => join(storage.root, "index");

/** What an index answers, built with what the storage holds. */
async function answers(folder: TestFolder, storage: TestFolder) {
  await using index = makeIndex([folder], { storage: storage.root });
  const status = await index.settled();
  const query = { before: "first(); second();", uri: "", languageId: "typescript" };
  assert.deepEqual(index.log, []);
  return [status, await index.search(query, 5), await index.declarations(["first", "second"], "")] as const;
}

test("with what was kept an index answers as before, and nothing of it is written again", async () => {
  await using folder = await makeFolder(files);
  await using storage = await makeFolder();
  const first = await answers(folder, storage);
  assert.deepEqual(first[0].leftOut, { secret: 1 });
  const written = await readFile(kept(storage), "utf8");
  assert.match(written, /^glassbox index \d+ [0-9a-f]{64}\n/);
  await chmod(kept(storage), 0o444);
  assert.deepEqual(await answers(folder, storage), first);
  assert.equal(await readFile(kept(storage), "utf8"), written);
  assert.deepEqual(await readdir(storage.root), ["index"]);
});

/** Rewrites the declarations that were kept, as an analysis that can be told from a new one. */
async function mark(storage: TestFolder) {
  const body = (await readFile(kept(storage), "utf8")).split("\n")[1].replaceAll('"first"', '"marked"');
  const head = (await readFile(kept(storage), "utf8")).split(" ").slice(0, 3).join(" ");
  await writeFile(kept(storage), `${head} ${createHash("sha256").update(body).digest("hex")}\n${body}`);
}

test("a text that was analysed in another session is not analysed again, wherever it is now", async () => {
  await using folder = await makeFolder(files);
  await using storage = await makeFolder();
  await answers(folder, storage);
  await mark(storage);
  await folder.move("a.ts", "lib/moved.ts");
  await using index = makeIndex([folder], { storage: storage.root });
  await index.settled();
  assert.deepEqual((await index.declarations(["marked"], ""))[0].path, "lib/moved.ts");
});

test("a text that changed is analysed again, and what no file has any more is forgotten", async () => {
  await using folder = await makeFolder(files);
  await using storage = await makeFolder();
  await answers(folder, storage);
  await mark(storage);
  await folder.write("a.ts", `${files["a.ts"]}\n`);
  const [, , declarations] = await answers(folder, storage);
  assert.deepEqual(
    declarations.map(({ path }) => path),
    ["a.ts", "lib/b.py"],
  );
  assert.ok(!(await readFile(kept(storage), "utf8")).includes("marked"));
});

const damages: [what: string, damage: (text: string) => string | Buffer][] = [
  ["is empty", () => ""],
  ["ends in the middle", (text) => text.slice(0, text.length / 2)],
  ["lost a character", (text) => text.replace('"marked"', '"marke"')],
  ["holds zeros", (text) => Buffer.alloc(text.length)],
  ["is of an older version", (text) => text.replace(/index \d+/, "index 0")],
  ["holds something else", () => `{"version":1}`],
];
for (const [what, damage] of damages)
  test(`where the kept file ${what}, all is analysed again`, async () => {
    await using folder = await makeFolder(files);
    await using storage = await makeFolder();
    const first = await answers(folder, storage);
    const good = await readFile(kept(storage), "utf8");
    await mark(storage);
    await writeFile(kept(storage), damage(await readFile(kept(storage), "utf8")));
    assert.deepEqual(await answers(folder, storage), first);
    assert.equal(await readFile(kept(storage), "utf8"), good);
  });

test("what was kept of another folder changes nothing", async () => {
  await using other = await makeFolder({ "a.ts": "export class Other {}\n" });
  await using folder = await makeFolder(files);
  await using storage = await makeFolder();
  await using fresh = await makeFolder();
  await answers(other, storage);
  assert.deepEqual(await answers(folder, storage), await answers(folder, fresh));
});

test("where nothing can be kept the index works, and says so", async () => {
  await using folder = await makeFolder(files);
  await using storage = await makeFolder();
  await mkdir(kept(storage));
  await using index = makeIndex([folder], { storage: storage.root });
  assert.deepEqual((await index.find("first")).sort(), ["a.ts", "lib/b.py"]);
  assert.match(index.log.join(), /^The workspace index cannot be kept for the next session: /);
});
