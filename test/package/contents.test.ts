// A package holds the files that are listed here and no others.
import { deepEqual, equal, ok } from "node:assert/strict";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { installed } from "./installed";

type Contents = (target: string) => Promise<Map<string, string | Buffer>>;
const tool: { contents: Contents; targets: string[] } = await import(pathToFileURL(resolve("tools/package.mjs")).href);

const everywhere = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "ThirdPartyNotices.txt",
  "client/prompt.tmLanguage.json",
  "dist/cli.js",
  "dist/client.cjs",
  "dist/engine.js",
  "dist/grammars/tree-sitter-bash.wasm",
  "dist/grammars/tree-sitter-c-sharp.wasm",
  "dist/grammars/tree-sitter-cpp.wasm",
  "dist/grammars/tree-sitter-css.wasm",
  "dist/grammars/tree-sitter-go.wasm",
  "dist/grammars/tree-sitter-java.wasm",
  "dist/grammars/tree-sitter-javascript.wasm",
  "dist/grammars/tree-sitter-php.wasm",
  "dist/grammars/tree-sitter-python.wasm",
  "dist/grammars/tree-sitter-ruby.wasm",
  "dist/grammars/tree-sitter-rust.wasm",
  "dist/grammars/tree-sitter-tsx.wasm",
  "dist/grammars/tree-sitter-typescript.wasm",
  "dist/grammars/web-tree-sitter.wasm",
  "dist/index.js",
  "dist/kernels-plain.wasm",
  "dist/kernels.wasm",
  "dist/server.js",
  "dist/thread.js",
  "dist/view/lesson/main.css",
  "dist/view/lesson/main.js",
  "dist/view/theme.css",
  "images/icon.png",
  "images/icon.svg",
  "images/walkthrough-prompt.svg",
  "images/walkthrough-teach.svg",
  "images/walkthrough-type.svg",
  "models/general-text.LICENSE",
  "models/general-text.jsonl",
  "models/general-text.md",
  "models/smollm2-135m-instruct-fill-in-middle.gguf",
  "models/smollm2-135m-instruct-fill-in-middle.md",
  "models/smollm2-135m-instruct-q4_1.gguf",
  "models/smollm2-135m-instruct.LICENSE",
  "models/smollm2-135m-instruct.md",
  "package.json",
];

const unix = ["dawn.node"];
const windows = [
  "d3dcompiler_47.dll",
  "dawn.node",
  "dxcompiler-LICENSE.TXT",
  "dxcompiler-ThirdPartyNotices.txt",
  "dxcompiler.dll",
];
const binaries: Record<string, [folder: string, files: string[]] | undefined> = {
  "linux-x64": ["linux-x64", unix],
  "linux-arm64": ["linux-arm64", unix],
  "darwin-x64": ["darwin-universal", unix],
  "darwin-arm64": ["darwin-universal", unix],
  "win32-x64": ["win32-x64", windows],
  "win32-arm64": ["win32-arm64", windows],
  universal: undefined,
};

function filesFor(target: string): string[] {
  if (!binaries[target]) return everywhere;
  const [folder, names] = binaries[target];
  const webgpu = ["LICENSE.md", "index.js", "package.json", ...names.map((name) => `dist/${folder}/${name}`)];
  return [...everywhere, ...webgpu.map((path) => `dist/node_modules/webgpu/${path}`)].sort();
}

test("there is a package for each platform, and a universal one", () => {
  deepEqual(tool.targets, Object.keys(binaries));
});

for (const target in binaries)
  test(`the package for ${target} holds its own files and no others`, async () => {
    deepEqual([...(await tool.contents(target)).keys()].sort(), filesFor(target).sort());
  });

test("the installed files are those of the package, under the names that VS Code gives them", async () => {
  const renamed: Record<string, string> = {
    "README.md": "readme.md",
    "CHANGELOG.md": "changelog.md",
    LICENSE: "LICENSE.txt",
  };
  const expected = filesFor(`${process.platform}-${process.arch}`).map((path) => renamed[path] ?? path);
  const entries = await readdir(installed, { recursive: true, withFileTypes: true });
  const present = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.path, entry.name)
        .slice(installed.length + 1)
        .replaceAll(sep, "/"),
    );
  deepEqual(present.sort(), [...expected, ".vsixmanifest"].sort());
});

test("only the command line is executable", async () => {
  for (const path of filesFor(`${process.platform}-${process.arch}`).filter((path) => path.startsWith("dist/")))
    equal(((await stat(join(installed, path))).mode & 0o111) !== 0, path === "dist/cli.js", path);
});

test("all files that the manifest names exist, and it has no dependencies and no scripts", async () => {
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  const named = JSON.stringify(manifest).matchAll(/"(?:\.\/)?((?:dist|images|client|models)\/[^"]+)"/g);
  const paths = [...named].map(([, path]) => path);
  ok(paths.includes("dist/client.cjs") && paths.includes("images/icon.png"), paths.join());
  for (const path of paths) ok((await stat(join(installed, path))).isFile(), path);
  for (const key of ["scripts", "dependencies", "devDependencies"]) ok(!(key in manifest), key);
});

test("the bundles do not name source maps, because the package has none", async () => {
  for (const path of everywhere.filter((path) => /\.(c?js|css)$/.test(path)))
    ok(!/^\/[/*]# sourceMappingURL/m.test(await readFile(join(installed, path), "utf8")), path);
});

test("the README has no pictures, and links only to https addresses", async () => {
  const text = await readFile(join(installed, "readme.md"), "utf8");
  ok(text.includes("## Install"));
  ok(!text.includes("!["), "a picture");
  for (const [, link] of text.matchAll(/\]\(([^)]*)\)/g)) ok(link.startsWith("https:"), link);
});

test("the notices name every package in a bundle's source map, with its licence", async () => {
  const notices = await readFile(join(installed, "ThirdPartyNotices.txt"), "utf8");
  const folders = new Set<string>();
  for (const path of everywhere.filter((path) => /^dist\/.*\.(c?js|css)$/.test(path)))
    for (const source of JSON.parse(await readFile(`${path}.map`, "utf8")).sources) {
      const folder = /^.*(node_modules\/(@[^/]+\/)?[^/]+)\//.exec(source)?.[0];
      if (folder) folders.add(join("dist", folder.replace(/^(\.\.\/)+/, "../")));
    }
  ok(folders.size > 15, `${folders.size} packages`);
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    ok(notices.includes(`${name} ${version}, ${license}\n`), `${name} ${version}`);
    const file = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    if (file) ok(notices.includes((await readFile(join(folder, file), "utf8")).trim()), `${name}'s licence`);
  }
});

test("the notices name Dawn's authors and the owner of every grammar", async () => {
  const notices = await readFile(join(installed, "ThirdPartyNotices.txt"), "utf8");
  ok(notices.includes("The Dawn & Tint Authors"));
  for (const path of everywhere.filter((path) => path.startsWith("dist/grammars/tree-sitter-"))) {
    const grammar = /([\w-]+)\.wasm/.exec(path)![1].replace("tsx", "typescript");
    ok(notices.includes(`\n${grammar}: Copyright (c) `), grammar);
  }
});
