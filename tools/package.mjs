// `npm run package [-- TARGET …]`: packs the extension into dist/package/, one VSIX file for each platform, and prints the size
// of each part. The contents are listed in this file alone; vsce packs a folder that is made of them.
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "./install.mjs";
import { notices } from "./notices.mjs";
import { root, say, step } from "./steps.mjs";
import { vsce } from "./vsce.mjs";

/** VS Code's platforms, with the folder of node_modules/webgpu/dist that holds Dawn (WebGPU for Node) for each. */
const dawn = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-universal",
  "darwin-arm64": "darwin-universal",
  "win32-x64": "win32-x64",
  "win32-arm64": "win32-arm64",
  universal: undefined, // for all others, on the CPU
};
export const targets = Object.keys(dawn);

const bundles = /^dist\/(client\.cjs|(server|engine|index|thread|cli)\.js|view\/.*\.(js|css))$/;

/** Packs what is built into a VSIX. Returns its path. */
export async function makePackage(target) {
  const folder = join(root, "dist/package", target);
  await rm(folder, { recursive: true, force: true });
  const files = await contents(target);
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    if (typeof content === "string") await copyFile(join(root, content), join(folder, path));
    else await writeFile(join(folder, path), content);
    await chmod(join(folder, path), path === "dist/cli.js" ? 0o755 : 0o644);
  }
  const { version } = await json("package.json");
  const vsix = join(root, "dist/package", `glassbox-${version}-${target}.vsix`);
  const options = ["--no-dependencies", "--no-rewrite-relative-links", "--allow-missing-repository"];
  if (target !== "universal") options.push("--target", target);
  const said = await vsce(["package", "--out", vsix, ...options], { cwd: folder });
  if (said.includes("WARNING")) throw new Error(`vsce is not content:\n${said}`);
  await printSizes(folder, [...files.keys()], vsix);
  await rm(folder, { recursive: true });
  return vsix;
}

/** The contents of a package: for each path in it, the path of the file in the project that is copied, or the bytes. */
export async function contents(target) {
  const built = Object.entries(await json("dist/bundles.json")).filter(([bundle]) => bundles.test(bundle));
  const grammars = await readdir(join(root, "dist/grammars"));
  const copies = [
    ...["dist/kernels.wasm", "dist/kernels-plain.wasm", ...grammars.map((name) => `dist/grammars/${name}`)],
    ...(await readdir(join(root, "models"))).map((name) => `models/${name}`),
    ...["client/prompt.tmLanguage.json", "images/icon.png", "images/icon.svg"],
    ...["type", "teach", "prompt"].map((step) => `images/walkthrough-${step}.svg`),
    ...["LICENSE", "CHANGELOG.md"],
  ];
  const files = new Map(copies.map((path) => [path, path]));
  for (const [path] of built) files.set(path, Buffer.from(await bundle(path)));
  if (dawn[target]) {
    const binaries = await readdir(join(root, "node_modules/webgpu/dist", dawn[target]));
    const paths = ["package.json", "index.js", "LICENSE.md", ...binaries.map((name) => `dist/${dawn[target]}/${name}`)];
    for (const path of paths) files.set(`dist/node_modules/webgpu/${path}`, `node_modules/webgpu/${path}`);
  }
  const sources = built.flatMap(([, inputs]) => inputs);
  files.set("ThirdPartyNotices.txt", Buffer.from(await notices(sources, target)));
  files.set("package.json", Buffer.from(`${JSON.stringify(await manifest(), null, 2)}\n`));
  files.set("README.md", Buffer.from(await readme()));
  return files;
}

async function json(path) {
  return JSON.parse(await readFile(join(root, path), "utf8"));
}

/** The manifest without dependencies and scripts: all but Dawn is bundled, and nothing is built on installation. */
async function manifest() {
  const { scripts, devDependencies, dependencies, ...rest } = await json("package.json");
  return { ...rest, files: ["**"] };
}

/** Removes the comment that names a bundle's source map, which is not in the package. */
async function bundle(path) {
  return (await readFile(join(root, path), "utf8")).replace(/^(\/\/|\/\*)# sourceMappingURL=.*$/gm, "");
}

/**
 * VS Code's page of an extension shows only pictures with an https address, and opens no files. As the project has no public
 * address, pictures are removed from the README and links replaced by their text.
 */
async function readme() {
  const text = await readFile(join(root, "README.md"), "utf8");
  return text.replace(/^!\[[^\]]*\]\([^)]*\)\n\n/gm, "").replace(/\[([^\]]*)\]\((?!https:)[^)]*\)/g, "$1");
}

const parts = {
  models: /^models\//,
  Dawn: /^dist\/node_modules\//,
  grammars: /^dist\/grammars\//,
  kernels: /^dist\/kernels/,
  code: /^dist\/\w+\.c?js$/,
  views: /^dist\/view\//,
  texts: /./,
};

async function printSizes(folder, paths, vsix) {
  const sizes = {};
  for (const path of paths) {
    const part = Object.keys(parts).find((name) => parts[name].test(path));
    sizes[part] = (sizes[part] ?? 0) + (await stat(join(folder, path))).size;
  }
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const unpacked = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  say(`${vsix.slice(root.length)}: ${megabytes((await stat(vsix)).size)}, ${megabytes(unpacked)} unpacked, of which`);
  say(
    Object.keys(parts)
      .filter((part) => sizes[part])
      .map((part) => `${part} ${megabytes(sizes[part])}`)
      .join(", "),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((target) => !targets.includes(target));
  if (unknown.length) {
    console.error(`${unknown.join(", ")}: not a target. The targets are ${targets.join(", ")}.`);
    process.exit(1);
  }
  await install();
  const { build } = await import("./build.mjs"); // it needs what was just installed
  await step("Building", () => build());
  for (const target of wanted.length ? wanted : targets) await step(`Packing for ${target}`, () => makePackage(target));
}
