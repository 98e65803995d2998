import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Excludes } from "../../../../server/workspace/ignored";
import type { WorkspaceIndex } from "../../../../server/workspace/index/types";
import { makeFolder, makeIndex, type TestFolder } from "./folder";

const circle = "export function drawCircle(radius: number) {\n  return canvas.arc(radius);\n}\n";
const square = "export function drawSquare(side: number) {\n  return canvas.rect(side);\n}\n";

test("files are found once they are read, and what is left out is counted", async () => {
  await using folder = await makeFolder({
    "src/circle.ts": circle,
    "src/[id]/# (1).ts": square,
    "build/out.ts": circle,
    "deep/build/out.ts": circle,
    ".gitignore": "build/\n*.gen.ts\n",
    "a.gen.ts": circle,
    "node_modules/a/index.js": circle,
    "logo.png": circle,
    ".env": circle,
    "empty.ts": "",
    "latin.ts": Uint8Array.of(0x63, 0xe9),
    ".git/config": circle,
  });
  await symlink(folder.root, join(folder.root, "loop"));
  await using index = makeIndex([folder]);
  assert.deepEqual(await index.find("drawCircle(radius"), ["src/circle.ts", "src/[id]/# (1).ts"]);
  const status = await index.status();
  assert.deepEqual([status.building, status.files, status.lines], [false, 3, 4 + 4 + 3]); // .gitignore is a file too
  assert.deepEqual(status.leftOut, { ignored: 3, vendored: 1, notText: 1, secret: 1, empty: 1, binary: 1 });
  assert.ok(status.bytes > circle.length + square.length);
  assert.deepEqual(index.statuses.at(-1), status);
  assert.equal(index.statuses[0].building, true);
  const [chunk] = await index.declarations(["drawSquare"], "");
  assert.deepEqual([chunk.uri, chunk.path], [folder.uriOf("src/[id]/# (1).ts"), "src/[id]/# (1).ts"]);
  assert.match(chunk.uri, /src\/%5Bid%5D\/%23%20%281%29\.ts$/);
});

test("an open document's text counts before it is saved, and no longer when it is closed", async () => {
  await using folder = await makeFolder({ "a.ts": circle, "b.ts": circle });
  await using index = makeIndex([folder]);
  const uri = folder.uriOf("a.ts");
  await index.settled();
  index.open({ uri, languageId: "typescript", text: square });
  assert.deepEqual(await index.find("drawSquare(side"), ["a.ts", "b.ts"]);
  await folder.write("a.ts", "let other;\n");
  index.changed([uri]);
  assert.deepEqual(await index.find("drawSquare(side"), ["a.ts", "b.ts"]);
  index.closed(uri);
  assert.deepEqual(await index.find("other"), ["a.ts"]);
  // As an editor may write the same URI.
  const written = `file://${folder.root}/a.ts`;
  index.open({ uri: written, languageId: "typescript", text: circle });
  assert.deepEqual(await index.find("drawCircle", written), ["b.ts"]);
});

test("a document that is not saved anywhere counts, one with a secret name does not", async () => {
  await using index = makeIndex([]);
  index.open({ uri: "untitled:Untitled-1", languageId: "typescript", text: circle });
  index.open({ uri: "file:///somewhere/.env", languageId: "dotenv", text: circle });
  assert.deepEqual(await index.find("drawCircle"), ["Untitled-1"]);
});

test("files that come, change, move and go, and folders with all their files", async () => {
  await using folder = await makeFolder({ "a.ts": circle, "lib/b.ts": square, "lib/c.ts": "let lonely;\n" });
  await using index = makeIndex([folder]);
  await index.settled();
  await folder.write("new.ts", "let brandNew;\n");
  index.changed([folder.uriOf("new.ts")]);
  assert.deepEqual(await index.find("brandNew"), ["new.ts"]);
  await folder.write("new.ts", "let changed;\n");
  index.changed([folder.uriOf("new.ts")]);
  assert.deepEqual(await index.find("changed"), ["new.ts"]);
  await folder.move("lib", "library");
  index.changed([folder.uriOf("lib"), folder.uriOf("library")]);
  assert.deepEqual(await index.find("lonely"), ["library/c.ts"]);
  await folder.remove("library");
  await folder.remove("new.ts");
  index.changed([folder.uriOf("library"), folder.uriOf("new.ts")]);
  assert.deepEqual(await index.find("lonely changed drawSquare"), ["a.ts"]);
  assert.equal((await index.status()).files, 1);
});

test("when a .gitignore file changes, files come and go", async () => {
  await using folder = await makeFolder({ "a.ts": circle, "gen/b.ts": square });
  await using index = makeIndex([folder]);
  assert.deepEqual(await index.find("drawSquare(side"), ["gen/b.ts", "a.ts"]);
  index.open({ uri: folder.uriOf("gen/b.ts"), languageId: "typescript", text: square });
  await folder.write("gen/.gitignore", "*\n");
  index.changed([folder.uriOf("gen/.gitignore")]);
  assert.deepEqual(await index.find("drawSquare(side"), ["a.ts"]);
  await folder.remove("gen/.gitignore");
  index.changed([folder.uriOf("gen/.gitignore")]);
  assert.deepEqual(await index.find("drawSquare(side"), ["gen/b.ts", "a.ts"]);
});

test("the settings leave files out", async () => {
  await using folder = await makeFolder({ "a.ts": circle, "old/b.ts": square, "c.js": square, "c.ts": circle });
  await using index = makeIndex([]);
  const excludes = [{ old: true, "**/*.js": { when: "$(basename).ts" } }, { nonsense: 5 }] as unknown as Excludes[];
  index.configure({ trusted: true, folders: [{ uri: folder.uri, excludes }] });
  await index.settled();
  assert.deepEqual((await index.status()).leftOut, { excluded: 2 });
});

test("folders come and go, and a file belongs to the innermost", async () => {
  await using outer = await makeFolder({ "a.ts": circle, "inner/b.ts": square });
  await using other = await makeFolder({ "c.ts": "let third;\n" });
  await using index = makeIndex([outer]);
  assert.deepEqual(await index.find("drawSquare third"), ["inner/b.ts", "a.ts"]);
  const folders = [outer.uri, outer.uriOf("inner"), other.uri].map((uri) => ({ uri, excludes: [] }));
  index.configure({ trusted: true, folders });
  assert.deepEqual(await index.find("third"), ["c.ts"]);
  assert.equal((await index.status()).files, 3);
  index.open({ uri: outer.uriOf("inner/b.ts"), languageId: "typescript", text: square });
  assert.deepEqual(await index.find("drawSquare(side"), ["b.ts", "a.ts"]);
  index.closed(outer.uriOf("inner/b.ts"));
  index.configure({ trusted: true, folders: folders.slice(2) });
  assert.deepEqual(await index.find("drawSquare third"), ["c.ts"]);
  assert.equal((await index.status()).files, 1);
});

test("in a workspace that is not trusted only what is open is looked at, by the project's own rules", async () => {
  await using folder = await makeFolder({ "a.ts": circle, "b.ts": square, "c.ts": circle, ".gitignore": "c.ts\n" });
  await using index = makeIndex([folder], { trusted: false });
  const open = (path: string, text: string) => index.open({ uri: folder.uriOf(path), languageId: "typescript", text });
  index.changed([folder.uriOf("b.ts")]);
  assert.deepEqual(await index.find("drawSquare drawCircle"), []);
  open("a.ts", circle);
  open("c.ts", circle);
  assert.deepEqual(await index.find("drawSquare drawCircle"), ["a.ts"]);
  index.closed(folder.uriOf("a.ts"));
  assert.deepEqual(await index.find("drawSquare drawCircle"), []);
  index.configure({ trusted: true, folders: [{ uri: folder.uri, excludes: [] }] });
  assert.deepEqual(await index.find("drawCircle"), ["a.ts", "b.ts"]);
  index.configure({ trusted: false, folders: [{ uri: folder.uri, excludes: [] }] });
  assert.deepEqual(await index.find("drawCircle"), []);
});

test("beyond its limits the index takes no more files, those nearest to the root first, and says how many", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`${i % 2 ? "deep/" : ""}${i}.ts`, `let n${i};\n`]),
  );
  await using folder = await makeFolder(files);
  await using few = makeIndex([folder], { limits: { files: 20, characters: 1e6 } });
  const status = await few.settled();
  assert.deepEqual([status.files, status.leftOut], [20, { beyondLimit: 10 }]);
  for (let i = 0; i < 30; i += 2) assert.ok(await few.passage(folder.uriOf(`${i}.ts`), { firstLine: 0, lastLine: 0 }));
  await using small = makeIndex([folder], { limits: { files: 1000, characters: 100 } });
  const { files: fit } = await small.settled();
  assert.ok(fit > 5 && fit < 15, `${fit}`);
});

test("the index goes on where a folder is missing or unreadable", async () => {
  await using folder = await makeFolder({ "a.ts": circle });
  const gone = { ...folder, uri: `${folder.uri}-gone` } as TestFolder;
  await using index = makeIndex([gone, folder]);
  assert.deepEqual(await index.find("drawCircle"), ["a.ts"]);
  assert.deepEqual((await index.status()).leftOut, { unreadable: 1 });
});

test("while files are read, searches are answered", async () => {
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i}.ts`, `let n${i};\n${circle}`]));
  await using folder = await makeFolder(files);
  await using index = makeIndex([folder]);
  let answered = 0;
  while ((await index.status()).building) {
    await index.search({ before: "drawCircle", uri: "", languageId: "typescript" }, 3);
    answered++;
    await new Promise(setImmediate);
  }
  assert.ok(answered > 100, `${answered}`);
});

test("after any changes the index answers as one that is built anew", async () => {
  let seed = 5;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const pick = <T>(all: readonly T[]) => all[random(all.length)];
  const words = Array.from({ length: 60 }, (_, i) => `word${String.fromCharCode(97 + (i % 26))}Part${i}`);
  const text = () =>
    Array.from({ length: 1 + random(40) }, () => `export function ${pick(words)}() {\n  ${pick(words)}();\n}\n`).join(
      "",
    );
  const paths = ["a.ts", "b.ts", "c.py", "lib/d.ts", "lib/e.txt", "lib/deep/f.ts", "gen/g.ts", ".env", "gen/h.ts"];

  await using folder = await makeFolder({ "a.ts": text() });
  await using index = makeIndex([folder]);
  const open = new Map<string, string>();
  const steps: (() => Promise<string[]> | string[])[] = [
    async () => {
      const path = pick(paths);
      await folder.write(path, text());
      return [path];
    },
    async () => {
      const path = pick(["gen/.gitignore", ".gitignore"]);
      await folder.write(path, pick(["", "*\n", "g.ts\n", "lib\n", "*.py\n"]));
      return [path];
    },
    async () => {
      const there = [...(await folder.texts()).keys()];
      if (!there.length) return [];
      const path = pick([...there, "lib", "gen"]);
      await folder.remove(path).catch(() => {});
      return [path];
    },
    async () => {
      const [from, to] = [pick(["lib", "moved"]), pick(["lib", "moved"])];
      await folder.move(from, to).catch(() => {});
      return [from, to];
    },
    () => {
      const path = pick(paths);
      open.set(path, text());
      index.open({ uri: folder.uriOf(path), languageId: "typescript", text: open.get(path)! });
      return [];
    },
    () => {
      const path = pick([...open.keys(), "a.ts"]);
      open.delete(path);
      index.closed(folder.uriOf(path));
      return [];
    },
  ];
  for (let round = 0; round < 15; round++) {
    for (let step = 0; step < 12; step++) {
      const changed = await pick(steps)();
      // An editor tells of folders that came as well.
      index.changed(changed.flatMap((path) => [path, path.includes("/") ? dirname(path) : path]).map(folder.uriOf));
      if (random(3) === 0) await index.settled();
    }
    const edited = await index.settled();
    await using anew = makeIndex([folder]);
    for (const [path, text] of open) anew.open({ uri: folder.uriOf(path), languageId: "typescript", text });
    assert.deepEqual(edited, await anew.settled());
    for (let query = 0; query < 8; query++) {
      const asked = {
        before: `${pick(words)} ${pick(words)}`,
        uri: folder.uriOf(pick(paths)),
        languageId: "typescript",
      };
      const answers = (from: WorkspaceIndex) =>
        Promise.all([from.search(asked, 5), from.declarations([pick0(asked.before)], asked.uri)]);
      assert.deepEqual(await answers(index), await answers(anew));
    }
  }
});

const pick0 = (text: string) => text.split(" ")[0];

test("an index that is closed while it is built ends", async () => {
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}.ts`, circle]));
  await using folder = await makeFolder(files);
  await mkdir(join(folder.root, "empty"));
  const index = makeIndex([folder]);
  await index.close();
  assert.ok((await index.status()).files < 100);
});

test("an index that is closed while documents are still to be looked at rests", async () => {
  const index = makeIndex([]);
  for (const name of ["a", "b", "c"]) index.open({ uri: `untitled:${name}`, languageId: "typescript", text: circle });
  await index.close();
  await new Promise(setImmediate); // which does not come while promises go on and on
  assert.ok((await index.status()).files < 3);
});
