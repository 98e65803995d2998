// The sources in a package: its files, and those that its source maps quote, under the paths that they had.
import { readdir, readFile, stat } from "node:fs/promises";
import { join, posix, sep } from "node:path";

const kept = /\.(tsx?|mts|cts|jsx?|mjs|cjs|vue|svelte|py|go|md)$/i;
const dropped = /\.d\.[mc]?ts$|(^|\/)(change(s|log)|history|releases?|licen[cs]e|notice|code_of_conduct)[^/]*\.md$/i;
const compiledFolder = /(^|\/)(build|cjs|commonjs|es|esm|es2015|es6|fesm\d*|lib|module|modules|umd|out|types)\//;

/** Candidates for `choose`. Compiled JavaScript is left out if the package has TypeScript sources. */
export async function sourcesOf(folder) {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join("/"),
    );
  const sources = new Map();
  for (const name of names.filter((name) => name.endsWith(".map")))
    for (const [path, text] of quoted(name, await readFile(join(folder, name), "utf8"))) add(path, Buffer.from(text));
  for (const name of names.filter((name) => kept.test(name) && !dropped.test(name))) {
    const path = join(folder, name);
    sources.set(name, { path: name, size: (await stat(path)).size, read: () => readFile(path) });
  }
  const typed = [...sources.keys()].filter((path) => /\.[mc]?tsx?$/.test(path));
  if (typed.length < 5) return [...sources.values()];
  const stems = new Set(typed.map(stem));
  return [...sources.values()].filter(
    ({ path }) => !/\.[mc]?jsx?$/.test(path) || !(stems.has(stem(path)) || compiledFolder.test(path)),
  );

  function add(path, bytes) {
    if (kept.test(path) && !dropped.test(path) && !sources.has(path))
      sources.set(path, { path, size: bytes.length, read: async () => bytes });
  }
}

const stem = (path) => path.slice(path.lastIndexOf("/") + 1).split(".")[0];

/** Paths and texts; nothing from other packages. */
function* quoted(name, text) {
  let map;
  try {
    map = JSON.parse(text);
  } catch {
    return; // some name other files so
  }
  const { sources = [], sourcesContent = [], sourceRoot = "" } = map;
  for (const [i, source] of sources.entries()) {
    if (typeof sourcesContent[i] !== "string" || /node_modules|webpack\/|^\0|\(ignored\)/.test(source ?? "")) continue;
    const address = source.replace(/^\w+:\/\/\/?[^/]*\//, "");
    const path = posix.join(posix.dirname(name), sourceRoot, address).replace(/^(\.\.\/)+|^\//, "");
    yield [path.replace(/^(dist|build|lib|es|esm|cjs)\/(src\/)?/, "src/"), sourcesContent[i]];
  }
}
