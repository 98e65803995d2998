// Third-party notices: the licences of all npm packages in the bundles, and of the files that are copied beside them.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./steps.mjs";

/** @param inputs the paths of all sources in the bundles, from the project's folder */
export async function notices(inputs, target) {
  const folders = new Set(inputs.flatMap((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  folders.add("node_modules/assemblyscript"); // its library is compiled into the kernels
  folders.add("node_modules/@vscode/tree-sitter-wasm");
  folders.add("node_modules/web-tree-sitter");
  if (target !== "universal") folders.add("node_modules/webgpu");
  const parts = [];
  for (const folder of [...folders].sort()) parts.push(await noticeOf(folder));
  parts.push(await grammars(), await models());
  return `Glassbox holds software and models of others, under the licences below.\n\n${parts.join("\n")}`;
}

function notice(title, text) {
  const line = "=".repeat(80);
  return `${line}\n${title}\n${line}\n\n${text.trim()}\n`;
}

async function noticeOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const files = (await readdir(join(root, folder))).filter((file) =>
    /^(licen[cs]e|notice|thirdpartynotices)/i.test(file),
  );
  const texts = await Promise.all(files.sort().map((file) => readFile(join(root, folder, file), "utf8")));
  if (!texts.length) texts.push(`${license}. The package has no text of the licence and names no owner.`);
  return notice(`${name} ${version}, ${license}`, texts.join("\n\n"));
}

/** The copyright holders of the grammars in @vscode/tree-sitter-wasm, which contains only its own licence. */
const owners = {
  "tree-sitter-bash": "2017 Max Brunsfeld",
  "tree-sitter-c-sharp": "2014-2023 Max Brunsfeld, Damien Guard, Amaan Qureshi, and contributors",
  "tree-sitter-cpp": "2014 Max Brunsfeld",
  "tree-sitter-css": "2018 Max Brunsfeld",
  "tree-sitter-go": "2014 Max Brunsfeld",
  "tree-sitter-java": "2017 Ayman Nadeem",
  "tree-sitter-javascript": "2014 Max Brunsfeld",
  "tree-sitter-php": "2017 Josh Vera, GitHub",
  "tree-sitter-powershell": "2023 Airbus CERT",
  "tree-sitter-python": "2016 Max Brunsfeld",
  "tree-sitter-ruby": "2016 Rob Rix",
  "tree-sitter-rust": "2017 Maxim Sokolov",
  "tree-sitter-typescript": "2017 Max Brunsfeld",
};

async function grammars() {
  const terms = (await readFile(join(root, "LICENSE"), "utf8")).split(/^Copyright.*\n/m)[1]; // MIT's, as ours
  const list = Object.entries(owners).map(([name, owner]) => `${name}: Copyright (c) ${owner}`);
  return notice("Grammars of tree-sitter, MIT", `${list.join("\n")}\n\n${terms}`);
}

/** Each licence is beside its model or text. */
async function models() {
  const files = (await readdir(join(root, "models"))).filter((file) => file.endsWith(".LICENSE"));
  return notice("Models and texts", files.map((file) => `models/${file}`).join("\n"));
}
