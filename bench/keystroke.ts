// Latency while typing: the real server with the built-in model on two threads, a completion requested after every key.

import { readFile, stat } from "node:fs/promises";
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
  const editor = await startEditor();
  await editor.until("ready");
  const typed = await typing(editor, code);
  const opened = await opening(editor, code);
  const cancelled = await cancelling(editor, code);
  const bytesOverWeights = (await editor.residentBytes()) - (await stat(builtIn)).size;
  await editor.stop();
  for (const times of [start, ...Object.values(typed), opened.opened, opened.meanwhile, cancelled])
    times.sort((a, b) => a - b);
  return { ...typed, ...opened, cancelled, start, bytesOverWeights };
}

/** As rows of a table: what, median, 95th percentile, aim. */
export function rows(measured: Keystrokes): string[][] {
  const { computed, cached, opened, openedTokens, meanwhile, cancelled, start, bytesOverWeights } = measured;
  const times = (sorted: Times) => [50, 95].map((percent) => `${percentile(sorted, percent).toFixed(0)} ms`);
  return [
    [`keystroke → item, computed (${computed.length})`, ...times(computed), "≤ 120 ms, ≤ 300 ms"],
    [`keystroke → item, typed as suggested (${cached.length})`, ...times(cached), ""],
    [`file opened → first item, ${openedTokens} tokens`, ...times(opened), "≤ 3,000 ms"],
    ["an answer without the model meanwhile", ...times(meanwhile), ""],
    [`cancelled → engine idle (${cancelled.length})`, ...times(cancelled), "≤ 50 ms"],
    ["server started → model ready", ...times(start), "≤ 2,000 ms"],
    ["memory over the weights' size", `${(bytesOverWeights / 1e6).toFixed(0)} MB`, "", "≤ 300 MB"],
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
  }
  return { computed, cached };
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
