// `node tools/corpus/corpus.mjs`: licensed code to train on, from the packages in packages.json, into .cache/corpus:
//
//   train/REGISTRY/PACKAGE/…   to learn from      heldout/…       to measure with, never learned from
//   licences/REGISTRY/PACKAGE  their licences     packages.json   what was taken of each package, and its owner
//
// A package is held out if its name begins with h, v or z (for a scoped one, the part after the slash).
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { bundled, root, say, step } from "../steps.mjs";
import { corpus, emptyFolder, fetchPackage, licenceText } from "./fetch.mjs";
import { sourcesOf } from "./sources.mjs";

const { choose } = await bundled("server/workspace/choose.ts");
const maxBytes = 8 * 1024 * 1024;

const list = JSON.parse(await readFile(join(root, "tools/corpus/packages.json"), "utf8"));
const specs = Object.entries(list).flatMap(([registry, specs]) => specs.map((spec) => ({ registry, spec })));
const packages = await step(`Fetching ${specs.length} packages`, async () => {
  const fetched = [];
  for (const { registry, spec } of specs) fetched.push(await fetchPackage(registry, spec));
  return fetched.filter(Boolean);
});
await step("Choosing what is worth reading", write);

async function write() {
  for (const part of ["train", "heldout", "licences"]) await emptyFolder(join(corpus, part));
  const candidates = [];
  for (const { registry, name, folder } of packages)
    for (const source of await sourcesOf(folder))
      candidates.push({ ...source, path: `${registry}/${name}/${source.path}` });
  const { taken } = await choose(candidates, { within: "", gitignores: [], excludes: [] });

  const about = [];
  for (const { registry, name, heldOut, version, licence, author, folder } of packages) {
    const within = upTo(
      maxBytes,
      taken.filter(({ path }) => path.startsWith(`${registry}/${name}/`)),
    );
    for (const { path, text } of within) await writeIn(join(corpus, heldOut ? "heldout" : "train", path), text);
    await writeIn(join(corpus, "licences", registry, name), await licenceText(folder));
    const bytes = within.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    about.push({ registry, name, version, licence, author, heldOut, files: within.length, bytes });
  }
  await writeFile(join(corpus, "packages.json"), JSON.stringify(about, null, 2));
  for (const part of [false, true]) {
    const of = about.filter(({ heldOut, files }) => heldOut === part && files);
    const total = (key) => of.reduce((sum, one) => sum + one[key], 0);
    const size = `${total("files")} files, ${(total("bytes") / 1e6).toFixed(1)} MB`;
    say(`${part ? "Held out" : "To learn from"}: ${of.length} packages, ${size}`);
  }
  for (const { name, files } of about) if (!files) say(`${name} ships no sources`);
}

function upTo(maxBytes, files) {
  let bytes = 0;
  return files.filter(({ text }) => {
    const size = Buffer.byteLength(text);
    if (bytes + size > maxBytes) return false;
    bytes += size;
    return true;
  });
}

async function writeIn(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
