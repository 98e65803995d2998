import assert from "node:assert/strict";
import { test } from "node:test";
import { type Excludes, ignoreTest } from "../../../server/workspace/ignored";

type IgnoreFiles = Record<string, string>;

/** The paths that are not ignored. */
function left(paths: string[], ignoreFiles: IgnoreFiles, excludes: Excludes[] = [], within = ""): string[] {
  const gitignores = Object.entries(ignoreFiles).map(([path, text]) => ({ path, text }));
  const test = ignoreTest({ within, gitignores, excludes }, new Set(paths));
  return paths.filter((path) => !test(path));
}

const git: [what: string, ignoreFiles: IgnoreFiles, paths: string[], left: string[]][] = [
  [
    "a pattern without a slash matches at any depth",
    { ".gitignore": "out\n" },
    ["out/a", "a/out/b", "outer"],
    ["outer"],
  ],
  [
    "a pattern with a slash matches from the file's folder on",
    { ".gitignore": "/out\na/*.js\n" },
    ["out", "b/out", "a/b.js", "c/a/b.js"],
    ["b/out", "c/a/b.js"],
  ],
  [
    "comments and blank lines match nothing, and lines may end in CRLF",
    { ".gitignore": "# a\r\n\r\nb\r\n" },
    ["# a", "a", "b"],
    ["# a", "a"],
  ],
  [
    "the rules of a folder's file match below the folder",
    { "a/.gitignore": "b\n/c\n" },
    ["b", "a/b", "a/d/b", "a/d/c"],
    ["b", "a/d/c"],
  ],
  [
    "a deeper file overrides one above it",
    { ".gitignore": "*.ts\n", "a/.gitignore": "!b.ts\n" },
    ["b.ts", "a/b.ts", "a/c.ts"],
    ["a/b.ts"],
  ],
  [
    "a file in an ignored folder cannot be included again",
    { ".gitignore": "a/\n", "a/.gitignore": "!b\n" },
    ["a/b"],
    [],
  ],
  ["a folder's name is not read as a pattern", { "[a] b/.gitignore": "c\n" }, ["[a] b/c", "a/c"], ["a/c"]],
  [
    "the order of the files makes no difference",
    { "a/.gitignore": "!b\n", ".gitignore": "b\n" },
    ["a/b", "b"],
    ["a/b"],
  ],
];
test(".gitignore: files above the workspace count", () => {
  const ignoreFiles = { ".gitignore": "dist/\n/a.ts\n/app/b.ts\n", "app/.gitignore": "!c.ts\n" };
  assert.deepEqual(left(["a.ts", "b.ts", "dist/c.ts", "d.ts"], ignoreFiles, [], "app"), ["a.ts", "d.ts"]);
});

test(".gitignore: files above a workspace that is ignored itself do not count", () => {
  const ignoreFiles = { ".gitignore": "node_modules\n", "node_modules/app/.gitignore": "b.ts\n" };
  assert.deepEqual(left(["a.ts", "b.ts"], ignoreFiles, [], "node_modules/app"), ["a.ts"]);
});

for (const [what, ignoreFiles, paths, expected] of git)
  test(`.gitignore: ${what}`, () => assert.deepEqual(left(paths, ignoreFiles), expected));

const globs: [glob: string, paths: string[], left: string[]][] = [
  ["**/node_modules", ["node_modules/a/b", "c/node_modules/d", "node_modules2/e"], ["node_modules2/e"]],
  ["out", ["out/a", "b/out/c"], ["b/out/c"]],
  ["**/*.js", ["a.js", "b/.c.js", "b/c.jsx"], ["b/c.jsx"]],
  ["src/**", ["src/a", "src/b/c", "srcs/d"], ["srcs/d"]],
  ["**/{bower_components,*.{log,tmp}}", ["a/b.log", "c.tmp", "bower_components/d", "e.txt"], ["e.txt"]],
  ["**/[a-c]?.t[!x]t", ["ab.tet", "dd.tet", "b/c1.txt"], ["dd.tet", "b/c1.txt"]],
  ["a+(b).ts", ["a+(b).ts", "abb.ts"], ["abb.ts"]],
  ["[z-a]", ["z", "[z-a]"], ["z", "[z-a]"]],
];
for (const [glob, paths, expected] of globs)
  test(`exclude: ${glob}`, () => assert.deepEqual(left(paths, {}, [{ [glob]: true }]), expected));

test("exclude: a disabled glob matches nothing, and one with `when` depends on a sibling file", () => {
  const excludes = { "**/*.ts": false, "**/*.js": { when: "$(basename).ts" } };
  assert.deepEqual(left(["a/b.js", "a/b.ts", "b.js", "c.test.js", "c.test.ts"], {}, [excludes]), [
    "a/b.ts",
    "b.js",
    "c.test.ts",
  ]);
});

// A backtracking matcher takes exponential time on these.
const long = "a".repeat(250);
for (const pattern of ["*a*a*a*a*a*a*a*b", "**/*a*a*a*a*a*a*a*b", "*a?*a?*a?*a?*a?*b"])
  test(`${pattern} is matched in polynomial time, as a glob and in .gitignore`, () => {
    const paths = [long, `${long}b`, `x/${long}`];
    const kept = [long, `x/${long}`];
    assert.deepEqual(left(paths, {}, [{ [pattern]: true }]), kept);
    assert.deepEqual(left(paths, { ".gitignore": `${pattern}\n` }), kept);
  });
