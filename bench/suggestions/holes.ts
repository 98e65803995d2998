// Holes in real files: a caret, and what stands there in truth. The same packages give the same holes.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { languageOf, pathHeader } from "../../engine";
import { chooseSpans, type InfillSpan } from "../../engine/train/infill";
import { permutation, randomInteger } from "../../engine/train/random";

export interface SourceFile {
  /** The package's folder. */
  workspace: string;
  /** Relative to it. */
  path: string;
  languageId: string;
  text: string;
}

export interface Hole {
  id: string;
  file: SourceFile;
  prefix: string;
  /** What follows the hole. */
  suffix: string;
  truth: string;
}

const folder = ".cache/bench/workspaces";

export type Language = "TypeScript, JavaScript" | "Python";
const kinds: Record<Language, RegExp> = {
  "TypeScript, JavaScript": /^(type|java)script(react)?$/,
  Python: /^python$/,
};

/** The files of the packages of a set, by package. */
export async function readPackages(set: "tuning" | "report", language: Language): Promise<SourceFile[][]> {
  const registry = join(folder, set, language === "Python" ? "pypi" : "npm");
  const packages: SourceFile[][] = [];
  for (const name of await foldersIn(registry)) {
    const workspace = join(registry, name);
    const files: SourceFile[] = [];
    for (const path of (await filesIn(workspace)).sort()) {
      const languageId = languageOf(path) ?? "";
      if (kinds[language].test(languageId))
        files.push({ workspace, path, languageId, text: await readFile(join(workspace, path), "utf8") });
    }
    packages.push(files);
  }
  return packages;
}

/** npm's scopes are folders of their own in a name's place. */
const foldersIn = async (path: string) => (await readdir(path)).sort();

async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return names.map((name) => name.slice(path.length + 1)).filter((name) => !name.startsWith(".git/"));
}

/** A line with three letters or digits at least, short enough to be shown; what is generated is longer. */
const line = /(?<=\n)([^\S\n]*)(\S[^\n]{3,158}\S)(?=\n)/g;
const worth = /\w\W*\w\W*\w/;
/** Words, numbers and single signs, with the blanks before them: a caret rests between two of them. */
const tokens = /\s*(?:[\p{L}\p{N}_$]+|[^\s])/gu;

/** Draws holes that go from between two tokens of a line to its end; as many from each package, as far as it has them. */
export function lineEnds(packages: readonly SourceFile[][], count: number, seed: number): Hole[] {
  const drawn = packages.map((files) => {
    const lines = files.flatMap((file) =>
      [...file.text.matchAll(line)]
        .filter(([, , text]) => worth.test(text))
        .map(({ index, 1: indent, 2: text }) => ({ file, at: index + indent.length, text })),
    );
    return [...permutation(lines.length, seed)]
      .map((i) => endOf(lines[i], seed, i))
      .filter((hole) => hole !== undefined);
  });
  const holes: Hole[] = [];
  for (let round = 0; holes.length < count && drawn.some(({ length }) => length > round); round++)
    for (const of of drawn) if (of[round] && holes.length < count) holes.push(of[round]);
  return holes;
}

function endOf({ file, at, text }: { file: SourceFile; at: number; text: string }, seed: number, i: number) {
  const starts = [...text.matchAll(tokens)].map(({ index, 0: token }) => index + token.length).slice(0, -1);
  if (!starts.length) return undefined; // a single word
  const from = starts[randomInteger(starts.length, seed, i)];
  const truth = text.slice(from);
  if (!/\w/.test(truth)) return undefined; // closers alone
  return holeAt(file, at + from, truth);
}

/** Draws holes within lines as the card of the adapter does (engine/train/infill.ts), and those spans themselves. */
export function gaps(
  packages: readonly SourceFile[][],
  count: number,
  seed: number,
): { hole: Hole; span: InfillSpan }[] {
  const files = packages.flat();
  const documents = files.map(({ path, workspace, text }) => ({
    path: join(workspace, path),
    header: pathHeader(path),
    text,
  }));
  return chooseSpans(documents, count, seed).map((span) => {
    const i = documents.findIndex(({ path }) => path === span.path);
    const before = span.prefix.slice(documents[i].header.length);
    const at = files[i].text.indexOf(before + span.truth + span.suffix) + before.length;
    return { hole: holeAt(files[i], at, span.truth), span };
  });
}

const holeAt = (file: SourceFile, at: number, truth: string): Hole => ({
  id: `${file.workspace}/${file.path}:${at}`,
  file,
  prefix: file.text.slice(0, at),
  suffix: file.text.slice(at + truth.length),
  truth,
});
