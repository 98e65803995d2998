// `npm run bench -- index`: how fast the workspace index is built and searched, what memory it takes, and whether the server's
// thread stays free meanwhile.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { terms } from "../server/workspace/index/terms";
import type { WorkspaceIndex } from "../server/workspace/index/types";
import { startWorkspaceIndex } from "../server/workspace/index/workspaceIndex";
import { table, writePart } from "./results";

const lineCount = 100_000;
const manyFiles = 200_000;
const queries = 200;
const edits = 40;

interface Source {
  path: string;
  text: string;
}

/** The project's own sources, again and again with other names, until there are `lineCount` lines. */
async function sources(): Promise<Source[]> {
  const own: Source[] = [];
  for (const room of ["client", "server", "engine", "cli", "webview", "test"])
    for (const path of await readdir(room, { recursive: true }))
      if (/\.tsx?$/.test(path)) own.push({ path: `${room}/${path}`, text: await readFile(join(room, path), "utf8") });
  const all: Source[] = [];
  for (let [copy, lines] = [0, 0]; lines < lineCount; copy++)
    for (const { path, text } of own) {
      if (lines >= lineCount) break;
      const renamed = copy === 0 ? text : text.replace(/\b[a-z]\w{6,}\b/g, (name) => `${name}Of${copy}`);
      all.push({ path: `copy${copy}/${path}`, text: renamed });
      lines += text.split("\n").length;
    }
  return all;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

async function writeAll(root: string, files: readonly Source[]) {
  for (const { path, text } of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

interface Opened {
  index: WorkspaceIndex;
  /** Milliseconds until the files were read. */
  built: number;
}

async function open(
  root: string,
  storage?: string,
  whileBuilding?: (index: WorkspaceIndex) => Promise<void>,
): Promise<Opened> {
  const index = startWorkspaceIndex({ storage, log: (line) => console.error(line), onStatus() {} });
  const started = performance.now();
  index.configure({ trusted: true, folders: [{ uri: pathToFileURL(root).href, excludes: [] }] });
  const settled = index.settled().then(() => performance.now() - started);
  await whileBuilding?.(index);
  return { index, built: await settled };
}

/** Milliseconds of searches, twenty a second, for what stands before places in these files, while `more` holds. */
async function search(index: WorkspaceIndex, files: readonly Source[], more: (done: number) => Promise<boolean>) {
  const times: number[] = [];
  for (let i = 0; await more(i); i++) {
    const lines = files[(i * 7919) % files.length].text.split("\n");
    const before = lines.slice(0, Math.ceil((lines.length * (((i * 37) % 97) + 2)) / 99)).join("\n");
    const started = performance.now();
    await index.search({ before, uri: "", languageId: "typescript" }, 5);
    times.push(performance.now() - started);
    await pause();
  }
  return times;
}

/** Milliseconds from an edit, as the server tells it, until it is found; the server waits 250 more to collect edits. */
async function edit(index: WorkspaceIndex, root: string, files: readonly Source[]) {
  const times: number[] = [];
  for (let i = 0; times.length < edits; i++) {
    const { path, text } = files[(i * 104_729) % files.length];
    const uri = pathToFileURL(join(root, path)).href;
    if (!(await index.passage(uri, { firstLine: 0, lastLine: 9 }))) continue; // it is left out
    const word = `newName${i}`;
    const written = `const ${word} = otherName${i}(thirdName${i});`;
    const started = performance.now();
    index.open({
      uri,
      languageId: "typescript",
      text: `${text}\n${written}\n`,
    });
    const query = { before: written, uri: "", languageId: "typescript" };
    while (!(await index.search(query, 20)).some(({ chunk }) => terms(chunk.text).includes(word)));
    times.push(performance.now() - started);
  }
  return times;
}

/** The 99th percentile and the maximum of the milliseconds by which this thread was late. */
async function lateWhile<T>(work: () => Promise<T>): Promise<{ late: string; result: T }> {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  const result = await work();
  delay.disable();
  return { late: `${ms(delay.percentile(99) / 1e6 - 2)}, ${ms(delay.max / 1e6 - 2)}`, result };
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))];
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
const seconds = (value: number) => `${(value / 1000).toFixed(1)} s`;
const megabytes = (value: number) => `${(value / 1e6).toFixed(0)} MB`;
const both = (times: readonly number[]) => `${ms(percentile(times, 0.5))}, ${ms(percentile(times, 0.95))}`;

const temporary = await mkdtemp(join(tmpdir(), "glassbox-index-"));
try {
  const files = await sources();
  const [root, storage, large] = ["code", "storage", "large"].map((name) => join(temporary, name));
  await writeAll(root, files);
  const [resident] = [process.memoryUsage.rss()];

  const whileBuilt: number[] = [];
  const first = await open(root, storage, async (index) => {
    whileBuilt.push(...(await search(index, files, async () => (await index.status()).building)));
  });
  const status = await first.index.status();
  const searched = await search(first.index, files, async (done) => done < queries);
  const memory = process.memoryUsage.rss() - resident;
  const edited = await edit(first.index, root, files);
  await first.index.close();
  const alone = await open(root);
  await alone.index.close();
  const again = await open(root, storage);
  await again.index.close();

  console.log(`${manyFiles} files`);
  const few = files.slice(0, 200);
  for (let i = 0; i < manyFiles / few.length; i++)
    await writeAll(
      join(large, `part${i}`),
      few.map(({ path, text }) => ({ path, text: text.slice(0, 400) })),
    );
  const quiet = await lateWhile(() => new Promise((resolve) => setTimeout(resolve, 5000)));
  const huge = await lateWhile(async () => {
    const times: number[] = [];
    const opened = await open(large, undefined, async (index) => {
      times.push(...(await search(index, few, async () => (await index.status()).building)));
    });
    return { ...opened, times, status: await opened.index.status() };
  });
  const hugeStatus = huge.result.status;
  const hugeSearches = await search(huge.result.index, few, async (done) => done < queries);
  await huge.result.index.close();

  const report = `# The workspace index

Written by \`npm run bench -- index\` on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model.trim()}, ${cpus().length} cores, Node
${process.version}. The workspace is the project's own TypeScript, copied with other names until it has ${lineCount} lines.
Times of searches are those that the server's thread waits; of an edit, without the 250 ms in which the server collects edits.

${table(
  ["what", "measured", "aim"],
  [
    [`built: ${status.files} files, ${status.lines} lines`, seconds(alone.built), "≤ 5 s"],
    ["built while it is searched", seconds(first.built), ""],
    ["built with what the last session kept", seconds(again.built), ""],
    [`search (${searched.length}), p50, p95`, both(searched), "p95 ≤ 15 ms"],
    [`search while it is built (${whileBuilt.length}), p50, p95`, both(whileBuilt), ""],
    [`edit → found (${edited.length}), p50, p95`, both(edited), "≤ 1 s"],
    ["memory: the process's, the index's own estimate", `${megabytes(memory)}, ${megabytes(status.bytes)}`, ""],
    [
      `${manyFiles} files: read until the index is full`,
      `${seconds(huge.result.built)}; ${hugeStatus.files} files, ${hugeStatus.leftOut.beyondLimit} left out`,
      "",
    ],
    [`search while they are read (${huge.result.times.length}), p50, p95`, both(huge.result.times), ""],
    [`search in them (${hugeSearches.length}), p50, p95`, both(hugeSearches), ""],
    ["the server's thread is late while they are read, p99, max", huge.late, ""],
    ["the same thread while nothing happens, p99, max", quiet.late, ""],
  ],
)}
`;
  await writePart(report);
  console.log(report);
} finally {
  await rm(temporary, { recursive: true });
}
