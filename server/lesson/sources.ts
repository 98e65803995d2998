// The texts of a lesson: files of the workspace, optionally with its last commits, or pairs of prompt and response.

import { basename, join } from "node:path/posix";
import { holdOutPairs, type Pair, parsePairs, pathHeader, type Text } from "../../engine";
import { type LessonSource, readFile } from "../../protocol";
import type { Context } from "../context";
import { choose } from "../workspace/choose";
import { sentences } from "../workspace/reasons";
import { withoutSecrets } from "../workspace/secrets";
import { changesIn } from "./changes";
import { split } from "./heldOut";

export interface LessonText {
  kind: "file" | "change" | "pair";
  path: string;
  text: Text;
  tokens: number;
}

export interface Sources {
  learned: LessonText[];
  heldOut: LessonText[];
  /** Files that are not read; the reason is a sentence for the user. */
  leftOut: { path: string; reason: string }[];
}

export interface Progress {
  signal: AbortSignal;
  report(share: number, what: string): void;
}

/** Counts the tokens of each text. */
type Count = (texts: string[]) => Promise<number[]>;

/** Throws, with a sentence for the user, if there are fewer than two texts. */
export const sourcesOf = (
  context: Context,
  source: LessonSource,
  count: Count,
  progress: Progress,
): Promise<Sources> => (source.kind === "pairs" ? pairs(source, count) : files(context, source, count, progress));

async function pairs({ name, lines }: Extract<LessonSource, { kind: "pairs" }>, count: Count): Promise<Sources> {
  const all = parsePairs(lines);
  const { taken, leftOut } = withoutSecrets(all);
  if (taken.length < 2) {
    const secret = leftOut.length ? `, of which ${leftOut.length} may hold a secret` : "";
    throw new Error(`${name} holds ${all.length} pairs${secret}. A lesson needs two: one is held out to measure with.`);
  }
  const pathOf = (number: number) => `${name}, pair ${number}`;
  const counts = await count(taken.map(({ prompt, response }) => prompt + response));
  const texts = new Map(
    taken.map((text, i) => [
      text,
      { kind: "pair" as const, path: pathOf(all.indexOf(text) + 1), text, tokens: counts[i] },
    ]),
  );
  const { learned, heldOut } = holdOutPairs(taken);
  const named = (pairs: readonly Pair[]) => pairs.map((pair) => texts.get(pair)!);
  return {
    learned: named(learned),
    heldOut: named(heldOut),
    leftOut: leftOut.map((number) => ({ path: pathOf(number), reason: sentences.secret })),
  };
}

async function files(
  context: Context,
  source: Extract<LessonSource, { kind: "files" }>,
  count: Count,
  progress: Progress,
): Promise<Sources> {
  const { taken, leftOut } = await chosen(context, source, progress);
  if (taken.length < 2) throw new Error(tooFew(source.files.length, taken.length));
  const counts = await count(taken.map(({ text }) => text));
  const { learned, heldOut } = split(
    taken.map(({ path, text }, i): LessonText => {
      return { kind: "file", path, text: { path, header: pathHeader(path), text }, tokens: counts[i] };
    }),
  );
  const changes = source.changes ? await changesOf(context, learned, count) : [];
  if (source.changes && !changes.length) throw new Error(noChanges);
  return {
    learned: [...learned, ...changes],
    heldOut,
    leftOut: leftOut.map(({ path, reason }) => ({ path, reason: sentences[reason] })),
  };
}

function chosen(
  { connection }: Context,
  { files, within, ignored }: Extract<LessonSource, { kind: "files" }>,
  { signal, report }: Progress,
) {
  let done = 0;
  const candidates = files.map(({ uri, path, size }) => ({
    path,
    size,
    async read() {
      signal.throwIfAborted();
      const bytes = await connection.sendRequest<string | null>(readFile, { uri });
      report(++done / files.length, `Reading ${path}`);
      if (bytes === null) throw new Error(`${path} cannot be read`);
      return Buffer.from(bytes, "base64");
    },
  }));
  const gitignores = ignored.map(({ folder, text }) => ({ path: join(folder, ".gitignore"), text }));
  return choose(candidates, { within, gitignores, excludes: [] });
}

/** The last commits, with the diffs of files that are learned from alone. */
async function changesOf({ folders }: Context, learned: readonly LessonText[], count: Count): Promise<LessonText[]> {
  const taken = new Set(learned.map(({ path }) => path));
  const all: LessonText[] = [];
  for (const folder of folders) {
    // In a workspace of several folders the paths begin with the folder's name.
    const within = folders.length > 1 ? `${decodeURIComponent(basename(folder))}/` : "";
    const changes = await changesIn(folder, (path) => taken.has(within + path));
    const counts = await count(changes.map(({ text }) => text));
    for (const [i, { subject, text }] of changes.entries()) {
      const path = `git log, ${all.length + 1}: ${subject}`;
      all.push({ kind: "change", path, text: { path, header: "", text }, tokens: counts[i] });
    }
  }
  return all;
}

const noChanges =
  "git log shows no changes that can be learned from here. Choose the workspace without its last changes.";

const tooFew = (files: number, taken: number) =>
  `Of ${files} files ${taken || "none"} can be learned from. A lesson needs two: one of them is held out to measure with.`;
