// `node tools/corpus/generalText.mjs`: the replay data, general text that lessons are mixed with and measured on, so that
// what the model knew is kept, from .cache/corpus (tools/corpus/corpus.mjs) into models/general-text.{jsonl,md,LICENSE}.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundled, root, say } from "../steps.mjs";

const { languageOf } = await bundled("engine/text/languages.ts");
const { lineComment } = await bundled("engine/text/comments.ts");
const corpus = join(root, ".cache/corpus");
const packages = JSON.parse(await readFile(join(corpus, "packages.json"), "utf8"));

/** Bytes to learn from: prose, and languages that much code is in. A tenth as much is held out. */
const shares = { markdown: 270_000, typescript: 180_000, javascript: 120_000, python: 190_000, go: 90_000 };
/** Bytes of a text; the most of one package. */
const [minLength, maxLength, maxPerOwner] = [600, 8_000, 30_000];

const documents = [
  ...(await pick("train", (language) => shares[language])),
  ...(await pick("heldout", (language) => shares[language] / 10)),
];
const used = packages.filter((one) => documents.some(({ from }) => from === nameOf(one)));
const lines = documents.map((document) => `${JSON.stringify(document)}\n`).join("");
await writeFile(join(root, "models/general-text.jsonl"), lines);
await writeFile(join(root, "models/general-text.md"), card());
await writeFile(join(root, "models/general-text.LICENSE"), await licences());
say(`${documents.length} texts of ${used.length} packages, ${lines.length} bytes`);

/** Evenly by the hash of their paths. */
async function pick(part, budgetOf) {
  const taken = {};
  const add = (key, bytes) => (taken[key] = (taken[key] ?? 0) + bytes);
  const names = (await readdir(join(corpus, part), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(corpus.length + part.length + 2));
  const found = [];
  for (const path of names.sort((a, b) => (hash(a) < hash(b) ? -1 : 1))) {
    const language = languageOf(path);
    const owner = packages.find((one) => path.startsWith(`${nameOf(one)}/`));
    const text = await readFile(join(corpus, part, path), "utf8");
    if (!shares[language] || text.length < minLength || text.length > maxLength || isListOfLinks(text)) continue;
    if ((taken[language] ?? 0) + text.length > budgetOf(language)) continue;
    if ((taken[nameOf(owner)] ?? 0) + text.length > maxPerOwner) continue;
    add(language, text.length);
    add(nameOf(owner), text.length);
    const comment = lineComment(language, path.slice(nameOf(owner).length + 1));
    const header = comment ? `${comment}\n` : "";
    found.push({ from: nameOf(owner), ...(owner.heldOut && { heldOut: true }), header, text });
  }
  return found;
}

/** Badges, as a rule. */
function isListOfLinks(text) {
  return (text.match(/https?:/g) ?? []).length > 3;
}

function nameOf({ registry, name }) {
  return `${registry}/${name}`;
}

function hash(text) {
  return createHash("sha256").update(text).digest("hex");
}

function card() {
  const rows = used.map((one) => {
    const texts = documents.filter(({ from }) => from === nameOf(one)).length;
    return `| ${nameOf(one)} | ${one.version} | ${one.licence} | ${texts}${one.heldOut ? ", held out" : ""} |`;
  });
  return `# General text

\`general-text.jsonl\`: ${documents.length} short files of documentation and code (Markdown, TypeScript, JavaScript, Python, Go) from
${used.length} packages, each under a permissive licence, unchanged. A line a file: \`from\` (registry and package), \`header\`
(the file's path as a comment, where its language has them), \`text\`. It is Glassbox's replay data: lessons are mixed with it,
so that a model that learns a project does not forget the rest. The texts marked \`heldOut\` are never learned from, by any lesson or adapter that comes
with Glassbox: they measure what was forgotten. They come from packages whose names begin with h, v or z.

The licences, with their copyright notices, are in \`general-text.LICENSE\`. Made by \`tools/corpus/corpus.mjs\` and
\`tools/corpus/generalText.mjs\`.

| package | version | licence | texts |
|---|---|---|---|
${rows.join("\n")}
`;
}

/** Each text once, under the packages that it came with. */
async function licences() {
  const owners = new Map();
  for (const one of used) {
    const text = (await readFile(join(corpus, "licences", nameOf(one)), "utf8")) || `Licensed under ${one.licence}.`;
    owners.set(text, [...(owners.get(text) ?? []), `${nameOf(one)} ${one.version}`]);
  }
  const line = "=".repeat(80);
  return [...owners].map(([text, names]) => `${line}\n${names.join("\n")}\n${line}\n\n${text}\n`).join("\n");
}
