// The project's ignore rules: .gitignore files in any folder, and the settings `files.exclude` and `search.exclude`.

import { join } from "node:path/posix";
import ignore from "ignore";
import { globTest } from "./glob";
import type { Reason } from "./reasons";

export interface IgnoreRules {
  /** The workspace's path in its repository, such as `packages/shop`; "" if it is the root. */
  within: string;
  /** `path` is the path of the .gitignore file, relative to the repository. */
  gitignores: readonly { path: string; text: string }[];
  /** The values of the settings. */
  excludes: readonly Excludes[];
}

/** With `when`, a file is excluded only if a file of that name is beside it, such as "$(basename).ts". */
export type Excludes = Readonly<Record<string, boolean | { when: string }>>;

/**
 * Returns a test by path, which gives the reason to leave a file, or a folder whose path ends with a slash, out. `paths` knows
 * which files there are, for excludes with `when`.
 */
export function ignoreTest(rules: IgnoreRules, paths: Paths): (path: string) => Reason | undefined {
  const git = gitRules(rules);
  const globs = rules.excludes.flatMap(Object.entries).filter(isOn);
  const excluded = globs.map(([glob, value]) => excludedBy(globTest(glob), value, paths));
  return (path) => {
    if (git.ignores(join(rules.within, path))) return "ignored";
    if (pathsTo(path).some((part) => excluded.some((test) => test(part)))) return "excluded";
  };
}

type Paths = Pick<ReadonlySet<string>, "has">;

function gitRules({ within, gitignores }: IgnoreRules) {
  const all = (files: readonly IgnoreFile[]) => ignore().add(files.toSorted(byDepth).flatMap(rootedRules));
  const own = gitignores.filter(({ path }) => path.startsWith(`${within}/`));
  // A workspace that its repository ignores, such as one in node_modules, is not part of it: only its own rules apply.
  return within && all(gitignores).ignores(`${within}/`) ? all(own) : all(gitignores);
}

type When = { when: string };

/** Settings may hold anything. */
const isOn = (exclude: [string, unknown]): exclude is [string, true | When] =>
  exclude[1] === true || typeof (exclude[1] as When | null)?.when === "string";

function excludedBy(matches: (path: string) => boolean, value: true | When, paths: Paths) {
  if (value === true) return matches;
  return (path: string) => matches(path) && paths.has(neighbour(path, value.when));
}

function neighbour(path: string, name: string): string {
  const [, folder, stem] = /^(.*\/)?([^/]*?)(?:\.[^./]*)?$/.exec(path)!;
  return (folder ?? "") + name.replace("$(basename)", () => stem);
}

/** The path and those of the folders that hold it, since an excluded folder excludes all its files. */
function pathsTo(path: string): string[] {
  const parts = path.replace(/\/$/, "").split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

type IgnoreFile = IgnoreRules["gitignores"][number];

const depth = ({ path }: IgnoreFile) => path.split("/").length;
const byDepth = (a: IgnoreFile, b: IgnoreFile) => depth(a) - depth(b);

/** The rules of a .gitignore file, rewritten for the root: git applies the last rule that matches in any file. */
function rootedRules({ path, text }: IgnoreFile): string[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1).replace(/[\\*?[\]!# ]/g, "\\$&");
  const rules = text.split(/\r?\n/).filter((line) => line.trim() && !line.startsWith("#"));
  return folder ? rules.map((rule) => rooted(rule, folder)) : rules;
}

function rooted(rule: string, folder: string): string {
  const [, not, pattern] = /^(!?)(.*)$/.exec(rule)!;
  const anchored = /\/./.test(pattern.trimEnd());
  return `${not}/${folder}${anchored ? pattern.replace(/^\//, "") : `**/${pattern}`}`;
}
