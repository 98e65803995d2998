// The project's own word on what is no part of it: .gitignore files of any folder, `files.exclude`, `search.exclude`.

import { join } from "node:path/posix";
import ignore from "ignore";
import { globTest } from "./glob";
import type { Reason } from "./reasons";

export interface IgnoreRules {
  /** Where the workspace stands in its repository, as `packages/shop`; "" where it is all of it. */
  within: string;
  /** `path` is the .gitignore file's own, relative to the repository. */
  gitignores: readonly { path: string; text: string }[];
  /** As the settings hold them. */
  excludes: readonly Excludes[];
}

/** `when` takes only files that stand beside one of that name, such as "$(basename).ts". */
export type Excludes = Readonly<Record<string, boolean | { when: string }>>;

/** `paths` are all there are, for the globs that look at a file's neighbours. */
export function ignoreTest(rules: IgnoreRules, paths: ReadonlySet<string>): (path: string) => Reason | undefined {
  const git = gitRules(rules);
  const globs = rules.excludes.flatMap(Object.entries).filter(([, value]) => value) as [string, true | When][];
  const excluded = globs.map(([glob, value]) => excludedBy(globTest(glob), value, paths));
  return (path) => {
    if (git.ignores(join(rules.within, path))) return "ignored";
    if (ways(path).some((way) => excluded.some((test) => test(way)))) return "excluded";
  };
}

function gitRules({ within, gitignores }: IgnoreRules) {
  const all = (files: readonly IgnoreFile[]) => ignore().add(files.toSorted(byDepth).flatMap(rootedRules));
  const own = gitignores.filter(({ path }) => path.startsWith(`${within}/`));
  // What a repository ignores as a whole, as it does node_modules, is none of its own.
  return within && all(gitignores).ignores(`${within}/`) ? all(own) : all(gitignores);
}

type When = { when: string };

function excludedBy(matches: (path: string) => boolean, value: true | When, paths: ReadonlySet<string>) {
  if (value === true) return matches;
  return (path: string) => matches(path) && paths.has(neighbour(path, value.when));
}

function neighbour(path: string, name: string): string {
  const [, folder, stem] = /^(.*\/)?([^/]*?)(?:\.[^./]*)?$/.exec(path)!;
  return (folder ?? "") + name.replace("$(basename)", () => stem);
}

/** A folder that is excluded takes with it what is inside. */
function ways(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

type IgnoreFile = IgnoreRules["gitignores"][number];

const depth = ({ path }: IgnoreFile) => path.split("/").length;
const byDepth = (a: IgnoreFile, b: IgnoreFile) => depth(a) - depth(b);

/** The rules as one file at the root would state them, since the last of all rules decides. */
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
