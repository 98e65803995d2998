import assert from "node:assert/strict";
import { test } from "node:test";
import { createPieces } from "../../../../server/completion/pieces/keep";
import { caretIn, options, workspaceOf } from "./workspace";

const filler = (i: number) => `export const setting${i} = window.location.hash + ${i};\n`;
const unrelated = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`other/${i}.ts`, filler(i)]));
const parse = "export function parseHeading(source) {\n  const heading = source.readHeading();\n  return heading;\n}\n";
const draw = "export function drawCircle(canvas) {\n  const circle = canvas.startCircle();\n  return circle;\n}\n";
const files = { ...unrelated, "parse.ts": parse, "draw.ts": draw };

const parsing = "function parseTitle(source) {\n  const heading = source.readHeading();\n  |\n}\n";
const drawing = "function drawRing(canvas) {\n  const circle = canvas.startCircle();\n  |\n}\n";
const far = "\n".repeat(40);
const start = () => {
  const workspace = workspaceOf(files);
  const pieces = createPieces(() => workspace);
  const paths = async (how: "at" | "rest", text: string, path = "own.ts") =>
    (await pieces[how](caretIn(path, text), options)).map(({ path }) => path);
  return { workspace, pieces, paths };
};

test("keep: while one types near, the same pieces, whatever is typed", async () => {
  const { pieces } = start();
  const first = await pieces.rest(caretIn("own.ts", parsing), options);
  assert.equal(first.length, 1);
  assert.equal(await pieces.at(caretIn("own.ts", drawing), options), first);
});

test("keep: where there were none, they are looked for while one types", async () => {
  const { paths } = start();
  assert.deepEqual(await paths("rest", "function parseTitle(|"), []);
  assert.deepEqual(await paths("at", parsing), ["parse.ts"]);
});

test("keep: typing on takes them along", async () => {
  const { paths } = start();
  assert.deepEqual(await paths("rest", parsing), ["parse.ts"]);
  for (let lines = 0; lines < 60; lines += 10)
    assert.deepEqual(await paths("at", `${"\n".repeat(lines)}${drawing}`), ["parse.ts"]);
});

test("keep: far away, and in another document, others are chosen", async () => {
  const { paths } = start();
  assert.deepEqual(await paths("at", parsing), ["parse.ts"]);
  assert.deepEqual(await paths("at", far + drawing), ["draw.ts"]);
  assert.deepEqual(await paths("at", far + parsing, "another.ts"), ["parse.ts"]);
});

test("keep: far away in the document they stay where nothing is better", async () => {
  const { pieces } = start();
  const first = await pieces.rest(caretIn("own.ts", parsing), options);
  for (const text of [`${far}unknown(|`, far + parsing]) {
    assert.equal(await pieces.at(caretIn("own.ts", text), options), first);
    assert.equal(await pieces.rest(caretIn("own.ts", text), options), first);
  }
});

test("keep: where the caret rests, others are chosen if they are much better, and kept else", async () => {
  const { paths, pieces } = start();
  const first = await pieces.rest(caretIn("own.ts", parsing), options);
  assert.equal(await pieces.rest(caretIn("own.ts", parsing.replace("Title", "Name")), options), first);
  assert.deepEqual(await paths("rest", drawing), ["draw.ts"]);
});

test("keep: a piece whose file was changed or deleted is not kept where the caret rests", async () => {
  const { paths, workspace } = start();
  assert.deepEqual(await paths("rest", parsing), ["parse.ts"]);
  workspace.set("parse.ts", parse.replace("return heading", "return heading.trim()"));
  const [piece] = await createPieces(() => workspace).rest(caretIn("own.ts", parsing), options);
  assert.match(piece.text, /trim/);
  workspace.delete("parse.ts");
  assert.deepEqual(await paths("rest", parsing), []);
});

test("keep: nothing until there is an index, and then what it has", async () => {
  let workspace: ReturnType<typeof workspaceOf> | undefined;
  const pieces = createPieces(() => workspace);
  assert.deepEqual(await pieces.at(caretIn("own.ts", parsing), options), []);
  workspace = workspaceOf(files);
  assert.equal((await pieces.at(caretIn("own.ts", parsing), options)).length, 1);
});

test("keep: a completion does not wait for an index that is slow", async () => {
  const { workspace, pieces } = start();
  const answers: (() => void)[] = [];
  const slow = createPieces(() => ({
    index: {
      ...workspace.index,
      search: (query, limit) =>
        new Promise((resolve) => answers.push(() => resolve(workspace.index.search(query, limit)))),
    },
  }));
  assert.deepEqual(await slow.at(caretIn("own.ts", parsing), options), []);
  for (const answer of answers) answer();
  const known = await pieces.at(caretIn("own.ts", parsing), options);
  while (!(await slow.at(caretIn("own.ts", parsing), options)).length) await new Promise(setImmediate);
  assert.equal(known.length, 1);
});
