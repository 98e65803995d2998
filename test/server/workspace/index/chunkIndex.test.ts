import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChunkIndex, createChunkIndex } from "../../../../server/workspace/index/chunkIndex";
import { outlineOf } from "../../../../server/workspace/index/outline";
import { idf, similarity } from "../../../../server/workspace/index/ranking";
import { terms } from "../../../../server/workspace/index/terms";

const uriOf = (path: string) => `file:///${path}`;

async function set(index: ChunkIndex, path: string, text: string) {
  index.set({ uri: uriOf(path), path, languageId: "typescript", text }, await outlineOf(text, "typescript"));
}

const search = (index: ChunkIndex, before: string, limit = 5) =>
  index.search({ before, uri: uriOf("here.ts"), languageId: "typescript" }, limit);

test("the chunk with the rarest words in common comes first, with the lines after it", async () => {
  const index = createChunkIndex();
  const filler = Array.from({ length: 30 }, (_, i) => `const other${i} = load(${i});\n`).join("");
  await set(index, "a.ts", `${filler}function drawCircle(radius: number) {\n  return radius * radius;\n}\n${filler}`);
  await set(index, "b.ts", filler);
  const [best, ...others] = search(index, "const circle = drawCircle(");
  assert.equal(best.chunk.path, "a.ts");
  assert.match(best.chunk.text, /function drawCircle/);
  assert.equal(
    best.chunk.text.split("\n").length,
    best.chunk.lastLine - best.chunk.firstLine + 1 + 8,
    "eight lines follow",
  );
  assert.ok(others.every(({ score }) => score < best.score));
});

test("the document's own chunks, chunks that overlap and chunks of one text are not found", async () => {
  const index = createChunkIndex();
  const text = Array.from({ length: 60 }, (_, i) => `total += price${i % 3};\n`).join("");
  await set(index, "here.ts", text);
  assert.deepEqual(search(index, "total += price"), []);
  const whole = { uri: uriOf("a"), path: "a", languageId: "none", text };
  index.set(whole, await outlineOf(text, "none"));
  index.set({ ...whole, uri: uriOf("b") }, await outlineOf(text, "none"));
  const found = search(index, "total += price", 50).map(({ chunk }) => chunk);
  const inA = found.filter(({ uri }) => uri === uriOf("a"));
  assert.ok(inA.every((a, i) => inA.slice(i + 1).every((b) => a.lastLine < b.firstLine || b.lastLine < a.firstLine)));
  assert.equal(new Set(found.map(({ text }) => text)).size, found.length);
});

test("declarations are found by name, the excepted document's left out, three a name at most", async () => {
  const index = createChunkIndex();
  for (const path of ["a.ts", "b.ts", "c.ts", "d.ts", "e.ts"])
    await set(index, path, `// ${path}\nexport function parse() {}\nexport class ${path[0].toUpperCase()} {}\n`);
  const found = index.declarations(["B", "parse", "missing"], uriOf("a.ts"));
  assert.deepEqual(
    found.map(({ path, firstLine, lastLine, text }) => [path, firstLine, lastLine, text]),
    [
      ["b.ts", 2, 2, "export class B {}"],
      ["b.ts", 0, 1, "// b.ts\nexport function parse() {}"],
      ["c.ts", 0, 1, "// c.ts\nexport function parse() {}"],
      ["d.ts", 0, 1, "// d.ts\nexport function parse() {}"],
    ],
  );
});

test("after any edits the index answers as one that is built anew", async () => {
  let seed = 9;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const words = Array.from(
    { length: 400 },
    (_, i) => `word${String.fromCharCode(97 + (i % 26))}${"xyz"[i % 3]}Value${i}`,
  );
  const line = () => `  const ${words[random(400)]} = ${words[random(60)]}(${words[random(400)]});\n`;
  const file = () =>
    Array.from({ length: 1 + random(6) }, () => {
      return `function ${words[random(20)]}() {\n${Array.from({ length: random(30) }, line).join("")}}\n`;
    }).join("");
  const files = new Map<string, string>();
  const edited = createChunkIndex();
  for (let round = 0; round < 12; round++) {
    for (let edit = 0; edit < 25; edit++) {
      const path = `${random(15)}.ts`;
      if (random(4) === 0) {
        files.delete(path);
        edited.delete(uriOf(path));
      } else {
        files.set(path, file());
        await set(edited, path, files.get(path)!);
      }
      // Words of no use any more: the vocabulary is compacted now and then.
      await set(edited, "typed.ts", Array.from({ length: 30 }, () => `let v${random(1e9)}Part;`).join("\n"));
      edited.delete(uriOf("typed.ts"));
    }
    const anew = createChunkIndex();
    for (const [path, text] of [...files].toSorted()) await set(anew, path, text);
    assert.deepEqual(edited.size, anew.size);
    for (let query = 0; query < 10; query++) {
      const before = line() + line() + line();
      const found = search(edited, before);
      assert.deepEqual(
        found.map(({ score }) => score.toFixed(9)),
        (await scores(files, before)).slice(0, 5).map((score) => score.toFixed(9)),
      );
      assert.deepEqual(found, search(anew, before));
      const names = [words[random(20)], words[random(20)]];
      assert.deepEqual(edited.declarations(names, uriOf("0.ts")), anew.declarations(names, uriOf("0.ts")));
    }
  }
});

/** The scores of all chunks of these files by the definition, the highest first; in TypeScript no two of them overlap. */
async function scores(files: ReadonlyMap<string, string>, before: string): Promise<number[]> {
  const chunks: string[][] = [];
  for (const text of files.values()) {
    const lines = text.split("\n");
    for (const { firstLine, lastLine } of (await outlineOf(text, "typescript")).chunks)
      chunks.push(terms(lines.slice(firstLine, lastLine + 1).join("\n")));
  }
  const counts = new Map<string, number>();
  for (const term of chunks.flat()) counts.set(term, (counts.get(term) ?? 0) + 1);
  const weight = (all: readonly string[]) => all.reduce((sum, term) => sum + idf(chunks.length, counts.get(term)!), 0);
  const query = terms(before).filter((term) => counts.has(term));
  const scoreOf = (chunk: readonly string[]) =>
    similarity(weight(query.filter((term) => chunk.includes(term))), weight(query), weight(chunk));
  return chunks.map(scoreOf).sort((a, b) => b - a);
}
