// Pieces of the workspace in the prompts of the real server, as Show Prompt tells of them.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import * as protocol from "../../protocol";
import { defaults } from "../../server/settings";
import { type Client, startClient } from "./client";

const shelf = `export function describeShelf(shelf: Shelf): string {
  const label = padded(shelf.name, 24);
  const count = shelf.items.length;
  return \`\${label} \${count} items\`;
}
`;
const rack = `export function describeRack(rack: Rack): string {
  const label = |
}
`;
const files: Record<string, string> = {
  "shelf.ts": shelf,
  "text.ts": "export function padded(text: string, width: number): string {\n  return text.padEnd(width);\n}\n",
  ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`page${i}.ts`, `document.title = "Page ${i}";\n`])),
};

let folder: string;
let client: Client;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-"));
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  client = await startClient({ settings: { device: "cpu" }, folders: [pathToFileURL(folder).href], trusted: true });
  await client.until(({ state }) => state === "ready");
  await indexed(Object.keys(files).length);
});
afterEach(async () => {
  for (const uri of opened.splice(0)) await client.close(uri); // else the next test finds it
});
after(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

const indexed = (files: number) =>
  client.until(({ workspace }) => workspace !== undefined && !workspace.building && workspace.files >= files);

const opened: string[] = [];
let documents = 0;
async function open(text: string) {
  const uri = pathToFileURL(join(folder, `open${++documents}.ts`)).href;
  opened.push(uri);
  await client.open(uri, text);
  return uri;
}
const promptOf = async (uri: string) => (await client.request(protocol.showPrompt, { textDocument: { uri } }))!;
const piecesOf = async (uri: string) => (await promptOf(uri)).pieces.filter(({ kind }) => kind === "context");
/**
 * Completes the text in new documents until the pieces are so: the index is told of a change before it has read it, and a
 * completion does not wait for a busy index.
 */
async function untilPieces(text: string, so: (pieces: protocol.PromptPiece[]) => boolean) {
  for (;;) {
    const uri = await open(text);
    const [item] = await client.complete(uri);
    const pieces = await piecesOf(uri);
    if (so(pieces)) return { uri, item, pieces };
    await client.close(opened.pop()!);
  }
}
const rest = (uri: string) => client.notify(protocol.caret, { textDocument: { uri }, position: client.caret(uri) });

test("pieces: a helper that is defined in one file is completed in another", async () => {
  const { item, pieces } = await untilPieces(rack, ({ length }) => length === 1);
  assert.match(String(item.insertText), /^padded\(rack\.name/);
  const [piece] = pieces;
  assert.equal(piece.text, `// shelf.ts\n${shelf}\n`);
  assert.equal(piece.origin?.uri, pathToFileURL(join(folder, "shelf.ts")).href);
  assert.equal(piece.choice?.source, "similar");
  assert.match(piece.choice!.why, /describe/);
  assert.ok(piece.choice!.score >= 0.3 && piece.choice!.milliseconds > 0);
  assert.ok(piece.tokens > 20);
});

test("pieces: they are found while a new function is typed", async () => {
  const uri = await open("// What stands on the labels of racks.\n\n|");
  await rest(uri);
  for (const typed of ["export function describeRack", "(rack: Rack): string {\n  const label = |\n}\n"]) {
    await client.type(uri, typed);
    await client.complete(uri);
  }
  do {
    await client.type(uri, "p");
    await client.complete(uri);
  } while ((await piecesOf(uri)).length === 0);
});

test("pieces: while one types, and moves the caret near, they stay in the KV cache", async () => {
  const { uri } = await untilPieces(`${"// one\n".repeat(40)}${rack}`, ({ length }) => length === 1);
  for (const text of ["f", "o", "o(1);\n  const more = "]) {
    await client.type(uri, text);
    await rest(uri);
    await client.complete(uri);
    const { tokens, reused } = await promptOf(uri);
    assert.ok(reused > tokens - 16, `${reused} of ${tokens}`);
  }
  assert.equal((await piecesOf(uri)).length, 1);
});

test("pieces: a declaration of what is called", async () => {
  const text = 'import { padded } from "./text";\n\nexport const title = padded(|\n';
  const { pieces } = await untilPieces(text, ([piece]) => piece?.choice?.source === "declarations");
  const [piece] = pieces;
  assert.equal(piece.choice?.why, "declares padded");
  assert.match(piece.text, /padEnd/);
});

test("pieces: what was edited last in another document", async () => {
  const other = await open("export const prices = {\n  |\n};\n");
  await client.type(other, "apples: 3, pears: 4,");
  const text = "export const weightOfApples = applesTimes(3);\nexport const pricesOfPears = |\n";
  const { pieces } = await untilPieces(text, ([piece]) => piece?.choice?.source === "edits");
  const [piece] = pieces;
  assert.equal(piece.origin?.uri, other);
  assert.match(piece.text, /pears: 4/);
});

test("pieces: none of a source that is off, from then on", async () => {
  const context = { ...defaults.completions.context, similar: false, edits: false };
  client.configure({ completions: { ...defaults.completions, context } });
  const uri = await open(rack);
  await client.complete(uri);
  assert.deepEqual(await piecesOf(uri), []);
  client.configure({ completions: defaults.completions });
  await untilPieces(rack, ({ length }) => length === 1);
});

test("pieces: a file that changes on the disk is read again, and one that is deleted is gone", async () => {
  const path = join(folder, "shelf.ts");
  await writeFile(path, shelf.replace("padded", "fitted"));
  await client.changed([pathToFileURL(path).href]);
  await untilPieces(rack, ([piece]) => piece?.text.includes("fitted"));
  await rm(path);
  await client.changed([pathToFileURL(path).href]);
  await untilPieces(rack, (pieces) => pieces.length === 0);
});
