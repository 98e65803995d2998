// `glassbox suggest` beside the real server: both show the same at the same carets.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { startClient } from "../server/client";
import { glassbox } from "./glassbox";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-suggest-"));
});
after(() => rm(folder, { recursive: true }));

/** `|` is the caret. */
const places = [
  { path: "sum.ts", text: "export function add(a: number, b: number) {\n  return |\n}\n" },
  { path: "largest.ts", text: "export function largest(a: number, b: number) {\n  return Math.max(|);\n}\n" },
  { path: "block.ts", text: "export function add(a: number, b: number) {|\n}\n" },
  { path: "sum.py", text: "def add(a, b):\n    return |\n" },
  { path: "lines.ts", text: "export function add(a: number, b: number) {\r\n  return |\r\n}\r\n" },
  { path: "notes.md", text: "# The shop around the cor|\n" },
  { path: "blank.ts", text: "|\nexport {};\n" },
];

async function suggest(...args: string[]): Promise<string> {
  const { code, out, err } = await glassbox(["suggest", "--device", "cpu", ...args]);
  assert.equal(code, 0, err);
  return out;
}

async function suggestBatch(lines: object[], workspace = folder) {
  const [batch, out] = [join(folder, "in.jsonl"), join(folder, "out.jsonl")];
  await writeFile(batch, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  await suggest("--workspace", workspace, "--batch", batch, "--out", out);
  const answers = (await readFile(out, "utf8")).trim().split("\n");
  return answers.map((line) => JSON.parse(line));
}

test("suggest: a batch shows what the server shows", async () => {
  const lines = places.map(({ path, text }) => {
    const [prefix, suffix] = text.split("|");
    return { id: path, path, prefix, suffix };
  });
  const suggested = await suggestBatch(lines);
  const client = await startClient({ settings: { device: "cpu" }, folders: [pathToFileURL(folder).href] });
  try {
    await client.until(({ state }) => state === "ready");
    for (const [i, { path, text }] of places.entries()) {
      const uri = pathToFileURL(join(folder, path)).href;
      await client.open(uri, text, path.endsWith("py") ? "python" : path.endsWith("md") ? "markdown" : "typescript");
      const [item] = await client.complete(uri);
      const { id, text: written, shown, replaces, ms } = suggested[i];
      assert.equal(id, path);
      assert.equal(shown, item !== undefined, path);
      assert.ok(ms >= 0);
      if (!item) continue;
      assert.equal(written, item.insertText);
      assert.equal(replaces, item.range!.end.character - item.range!.start.character);
    }
  } finally {
    await client.stop();
  }
  assert.deepEqual(
    suggested.map(({ shown }) => shown),
    [true, true, true, true, true, false, false],
  );
  assert.ok(suggested[5].text, "what was written is told where it is not shown");
});

test("suggest: a place in a file is a line of a batch", async () => {
  for (const { path, text } of places.filter(({ path }) => path === "lines.ts" || path === "notes.md")) {
    const [prefix, suffix] = text.split("|");
    const file = join(folder, path);
    await writeFile(file, prefix + suffix);
    const lines = prefix.split("\n");
    const at = ["--file", file, "--line", `${lines.length}`, "--column", `${lines.at(-1)!.length + 1}`];
    const { ms: _, ...single } = JSON.parse(await suggest("--workspace", folder, ...at, "--json"));
    const [{ id: _id, ms: _ms, ...line }] = await suggestBatch([{ id: 1, path, prefix, suffix }]);
    assert.deepEqual(single, line);
    assert.equal(await suggest("--workspace", folder, ...at), line.shown ? `${line.text}\n` : "");
  }
});

const helper = `export function monthlyInterest(balance: number, yearlyRate: number): number {
  return (balance * yearlyRate) / 12;
}
`;
const account = `import { monthlyInterest } from "./interest";

export function balanceAfterMonth(balance: number, yearlyRate: number): number {
  return balance + monthlyInterest(`;

test("suggest: the workspace's other files are in the prompt, the file itself and secrets are not", async () => {
  const workspace = join(folder, "bank");
  await mkdir(workspace);
  await writeFile(join(workspace, "interest.ts"), helper);
  await writeFile(join(workspace, "account.ts"), `${account}balance, yearlyRate);\n}\n`);
  await writeFile(join(workspace, ".env"), `monthlyInterest=${"balance"}\nyearlyRate=${"balanceAfterMonth"}\n`);
  const [{ text, pieces }] = await suggestBatch(
    [{ path: "account.ts", prefix: account, suffix: ");\n}\n" }],
    workspace,
  );
  assert.equal(text, "balance, yearlyRate");
  assert.deepEqual(
    pieces.map(({ path, lines }: { path: string; lines: number[] }) => [path, ...lines]),
    [["interest.ts", 1, 3]],
  );
  assert.ok(pieces.every(({ score, tokens }: { score: number; tokens: number }) => score > 0 && tokens > 10));
});
