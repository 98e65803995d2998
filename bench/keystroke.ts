// Latency while typing: the real server with the built-in model on two threads, in a workspace with similar code, a completion
// requested after every key.

import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { CancellationTokenSource } from "vscode-languageserver-protocol/node";
import { type Editor, startEditor } from "./editor";
import { builtIn } from "./run";

/** Milliseconds, sorted. */
type Times = number[];

export interface Keystrokes {
  /** Completions that the model computed, and those that came from the cache. */
  computed: Times;
  cached: Times;
  opened: Times;
  openedTokens: number;
  /** The caret moved far within a file. */
  moved: Times;
  /** The first item in a file of 20,000 lines, and in a line of 2 MB, in the middle of each. */
  long: Times;
  line: Times;
  /** How many prompts had pieces of the workspace, of those that were looked at. */
  withPieces: [count: number, of: number];
  /** Requests that need no model, answered while the model reads a file that was opened. */
  meanwhile: Times;
  cancelled: Times;
  start: Times;
  bytesOverWeights: number;
}

export async function keystrokes(): Promise<Keystrokes> {
  const code = (await readFile("bench/fixtures/code.ts", "utf8")).split("\n").slice(0, 300).join("\n");
  const start: Times = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    const editor = await startEditor();
    await editor.until("ready");
    start.push(performance.now() - started);
    await editor.stop();
  }
  const folder = await similarCode(code);
  const editor = await startEditor(folder);
  await editor.until("ready");
  await editor.untilIndexed(variants.length);
  const typed = await typing(editor, code);
  const opened = await opening(editor, code);
  const moved = await moving(editor, code);
  const long = await openingLong(editor, code);
  const cancelled = await cancelling(editor, code);
  const bytesOverWeights = (await editor.residentBytes()) - (await stat(builtIn)).size;
  await editor.stop();
  await rm(folder, { recursive: true });
  const { withPieces, ...keys } = typed;
  const measured = { ...keys, ...opened, ...long, moved, cancelled, start };
  for (const times of Object.values(measured)) if (Array.isArray(times)) times.sort((a, b) => a - b);
  return { ...measured, withPieces, bytesOverWeights };
}

/** The endings of identifiers in each file of the workspace. */
const variants = ["A", "B", "C", "D", "E", "F"];

/** A workspace whose files are like the code, but are no copies of it: half of their identifiers are others. */
async function similarCode(code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "glassbox-bench-"));
  const parts = Math.ceil(code.length / variants.length);
  for (const [i, ending] of variants.entries()) {
    const text = code
      .slice(i * parts, (i + 1) * parts)
      .replace(/\b[a-zA-Z]{5,}\b/g, (word) => (word.length % 2 ? word : word + ending));
    await writeFile(join(folder, `part${i}.ts`), text);
  }
  return folder;
}

/** As rows of a table: what, median, 95th percentile, aim. */
export function rows(measured: Keystrokes): string[][] {
  const { computed, cached, opened, openedTokens, moved, long, line, meanwhile, cancelled, start } = measured;
  const [count, of] = measured.withPieces;
  const times = (sorted: Times) => [50, 95].map((percent) => `${percentile(sorted, percent).toFixed(0)} ms`);
  return [
    [`keystroke → item, computed (${computed.length})`, ...times(computed), "≤ 100 ms, ≤ 250 ms"],
    [`keystroke → item, typed as suggested (${cached.length})`, ...times(cached), ""],
    ["of their prompts with pieces of the workspace", `${count} of ${of}`, "", ""],
    [`caret moved in a file → item (${moved.length})`, ...times(moved), "≤ 900 ms"],
    [`file opened → first item, ${openedTokens} tokens`, ...times(opened), "≤ 2,500 ms"],
    ["the same, a file of 20,000 lines", ...times(long), "≤ 1.2 × the one above"],
    ["the same, a line of 2 MB", ...times(line), "≤ 1.2 × the one above"],
    ["an answer without the model meanwhile", ...times(meanwhile), ""],
    [`cancelled → engine idle (${cancelled.length})`, ...times(cancelled), "≤ 50 ms"],
    ["server started → model ready", ...times(start), "≤ 2,000 ms"],
    ["memory over the weights' size", `${(measured.bytesOverWeights / 1e6).toFixed(0)} MB`, "", "≤ 300 MB"],
  ];
}

/** The value that so many per cent do not exceed. */
const percentile = (sorted: Times, percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];

/** Lines of the file's second half are typed again, a key at a time. */
async function typing(editor: Editor, code: string) {
  const lines = code.split("\n");
  const first = 200;
  const written = lines.slice(first, first + 12);
  const above = `${lines.slice(0, first).join("\n")}\n`;
  await editor.open(`${above}\n${lines.slice(first + 12).join("\n")}`, above.length);
  await editor.complete();

  const computed: Times = [];
  const cached: Times = [];
  const withPieces: [number, number] = [0, 0];
  const seen = new Set<string>();
  for (const line of written) {
    for (const key of line.trimStart()) {
      const started = performance.now();
      await editor.type(key);
      const [item] = await editor.complete();
      const time = performance.now() - started;
      if (!item || item.insertText.includes("\n")) continue;
      const [{ id }] = item.command.arguments;
      (seen.has(id) ? cached : computed).push(time);
      seen.add(id);
    }
    await editor.type(`\n${/^\s*/.exec(line)![0]}`);
    await editor.complete();
    if ((await editor.ask())!.pieces.some(({ kind }) => kind === "context")) withPieces[0]++;
    withPieces[1]++;
  }
  return { computed, cached, withPieces };
}

/** Puts the caret at ends of lines all over a file, in no order, and requests a completion at once. */
async function moving(editor: Editor, code: string): Promise<Times> {
  const lines = code.split("\n");
  await editor.open(code, 0);
  await editor.complete();
  const moved: Times = [];
  for (let i = 1; i <= 20; i++) {
    const line = 20 + ((i * 97) % (lines.length - 40));
    const place = lines.slice(0, line).join("\n").length;
    const started = performance.now();
    await editor.move(place);
    await editor.complete();
    moved.push(performance.now() - started);
  }
  return moved;
}

/** The same place as in `opening`, with 10,000 lines before and after it, and in the middle of a line of 2 MB. */
async function openingLong(editor: Editor, code: string) {
  const [long, line]: [Times, Times] = [[], []];
  const around = `${code}\n`.repeat(Math.ceil(10_000 / code.split("\n").length));
  const cells = "[12, 'a', { b: 3.5 }], ".repeat(45_000);
  for (let i = 0; i < 5; i++) {
    const start = `const round = ${i};\n${code.split("\n").slice(0, 180).join("\n")}\nconst size = `;
    long.push(await firstItem(editor, around + start, `\n${around}`));
    line.push(await firstItem(editor, `const round${i} = [${cells}`, `${cells}];\n`));
  }
  return { long, line };
}

async function firstItem(editor: Editor, before: string, after: string): Promise<number> {
  const started = performance.now();
  await editor.open(before + after, before.length);
  await editor.complete();
  return performance.now() - started;
}

/** Opens a file and requests a completion at once, far down in it. */
async function opening(editor: Editor, code: string) {
  const opened: Times = [];
  const meanwhile: Times = [];
  let openedTokens = 0;
  for (let i = 0; i < 5; i++) {
    const shifted = `const round = ${i};\n${code}`;
    const lines = shifted.split("\n").slice(0, 180);
    const text = `${lines.join("\n")}\nconst size = `;
    const started = performance.now();
    await editor.open(text, text.length);
    const first = editor.complete().then(() => opened.push(performance.now() - started));
    for (let done = false; !done; ) {
      const asked = performance.now();
      await editor.ask();
      meanwhile.push(performance.now() - asked);
      done = await Promise.race([first.then(() => true), after(20, false)]);
    }
    openedTokens = (await editor.ask())!.tokens;
  }
  return { opened, meanwhile, openedTokens };
}

/** From the cancellation until the engine is idle, at any moment of reading or writing. */
async function cancelling(editor: Editor, code: string) {
  const cancelled: Times = [];
  for (let i = 0; i < 40; i++) {
    const text = `${`const round = ${i};\n${code}`.slice(0, 400 + 100 * i)}\nexport function size() {`;
    await editor.open(text, text.length);
    const source = new CancellationTokenSource();
    const asked = editor.complete(source.token);
    await editor.until("busy");
    await after((37 * i) % 400);
    const started = performance.now();
    source.cancel();
    await editor.until("ready");
    const time = performance.now() - started;
    if (!(await asked).length) cancelled.push(time); // else it had come already
  }
  return cancelled;
}
