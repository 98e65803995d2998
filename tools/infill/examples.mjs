// `node tools/infill/examples.mjs COUNT OUT [SEED]`: examples that teach the built-in model to fill in the middle, out of
// .cache/corpus/train (tools/corpus/corpus.mjs makes it). They are laid out as the prompts of completions are: pieces of the
// same package as completions choose them, the text right of the caret, the text left of it, and what is to be written.
//
//   OUT/tokens.bin    the token ids of all examples, 16 bits each
//   OUT/weights.bin   the weight of each token's loss, in units of 1/100, 8 bits each
//   OUT/lengths.bin   the number of tokens of each example, 32 bits each
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { bundled, root, step } from "../steps.mjs";
import { chooseHole } from "./holes.mjs";
import { seeded } from "./random.mjs";

const { adapterFillInMiddle, builtIn, control, idsOf, languageOf, loadTokenizer, pathHeader, startOf } =
  await bundled("engine/index.ts");
const { indexTexts } = await bundled("cli/indexFolder.ts");
const { choosePieces } = await bundled("server/completion/pieces/choose.ts");
const { createPieces } = await bundled("server/completion/worker/pieces.ts");
const marks = { prefix: "<repo_name>", suffix: "<filename>", middle: "<jupyter_code>" };

/** Where each package seems to be. */
const folder = "/workspace";
const switches = { similar: true, declarations: true, edits: false, after: false };

/** Shares of the examples. */
const share = { withPieces: 0.45, unrelatedPieces: 0.1, leftToRight: 0.15, noSuffix: 0.08, prose: 0.3 };
/** The weight of the loss of what is to be written, and of the text left of it, which gives practice in code. */
const weight = { middle: 100, left: 10, leftToRight: 50 };
const most = { pieceTokens: 768, suffix: 64, longSuffix: 160, left: 700, tokens: 1536 };

const [count, out, seed] = [Number(process.argv[2]), process.argv[3], Number(process.argv[4] ?? 1)];
const random = seeded(seed);
const tokenizer = await loadTokenizer(builtIn.path);
const form = adapterFillInMiddle(tokenizer, marks);
const take = createPieces(tokenizer, form);
const encode = (text) => tokenizer.encode(text, { continues: true });
const end = [...tokenizer.endOfGeneration].filter(
  (id) => tokenizer.decode([id], { special: true }) === "<|endoftext|>",
);

/** What the files have in common that are builds of one source: as a piece one would hold the answer. */
const stem = (path) =>
  path
    .split("/")
    .pop()
    .replace(/(\.min|\.d)?\.\w+$/, "")
    .toLowerCase();

const packages = await step("Reading the corpus", readPackages);
await step(`Laying out ${count} examples`, async () => {
  const examples = [];
  while (examples.length < count) {
    const example = await exampleOf(draw());
    if (example) examples.push(example);
  }
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "tokens.bin"), Uint16Array.from(examples.flatMap(({ ids }) => ids)));
  await writeFile(join(out, "weights.bin"), Uint8Array.from(examples.flatMap(({ weights }) => weights)));
  await writeFile(join(out, "lengths.bin"), Uint32Array.from(examples.map(({ ids }) => ids.length)));
});

async function readPackages() {
  const corpus = join(root, ".cache/corpus/train");
  const entries = await readdir(corpus, { recursive: true, withFileTypes: true });
  const files = new Map();
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const full = join(entry.parentPath, entry.name);
    const [, name, path] =
      /^([^/]+\/(?:@[^/]+\/|(?:[\w.-]+\.\w+\/[^/]+\/))?[^/]+)\/(.+)$/.exec(relative(corpus, full)) ?? [];
    if (!path) continue;
    const text = (await readFile(full, "utf8")).replaceAll("\r\n", "\n");
    if (!files.has(name)) files.set(name, []);
    files.get(name).push({ path, text });
  }
  return [...files.values()].map((files) => ({ files, bytes: files.reduce((sum, { text }) => sum + text.length, 0) }));
}

/** A package is drawn by the square root of its size, and a file by its size up to 20,000 characters. */
function draw() {
  const of = random.weighted(packages, ({ bytes }) => Math.sqrt(bytes));
  return { of, file: random.weighted(of.files, ({ text }) => Math.min(text.length, 20_000)) };
}

async function exampleOf({ of, file }) {
  const hole = chooseHole(file.text, random);
  if (!hole || (isProse(file, hole) && !random.chance(share.prose))) return undefined;
  const { from, to } = hole;
  const pieces = random.chance(share.withPieces) ? await piecesFor(of, file, hole) : [];
  const header = pathHeader(file.path);
  const before = file.text.slice(Math.max(0, from - 4000), from);
  const kept = random.chance(0.75) ? Math.floor(60 + 300 * random.next()) : most.left;
  const start = { ids: startOf(tokenizer) };

  if (random.chance(share.leftToRight)) {
    const ids = encode(before + file.text.slice(from, from + 200)).slice(-kept);
    return laidOut(
      [start, ...pieces, { ids: encode(header) }],
      ids,
      ids.map(() => weight.leftToRight),
    );
  }
  const left = encode(before);
  const whole = encode(before + file.text.slice(from, to));
  // Tokens that the two have in common are given; a token across the caret is to be written.
  let shared = left.length;
  while (whole[shared - 1] !== left[shared - 1]) shared = whole.findIndex((id, i) => id !== left[i]);
  const first = Math.max(0, shared - kept);
  const written = [...whole.slice(first), ...end];
  const weights = written.map((_, i) => (i >= shared - first ? weight.middle : weight.left));
  const suffix = random.chance(share.noSuffix)
    ? []
    : encode(file.text.slice(to, to + 800)).slice(
        0,
        random.chance(0.8) ? most.suffix : Math.floor(random.next() * most.longSuffix),
      );
  const segments = form.layout({ prefix: [{ ids: encode(header) }], suffix: [{ ids: suffix }] });
  return laidOut([control(...startOf(tokenizer)), ...pieces, ...segments.slice(1)], written, weights);
}

function laidOut(given, written, weights) {
  const ids = [...idsOf(given), ...written];
  if (ids.length > most.tokens) return undefined;
  return { ids, weights: [...new Array(ids.length - written.length).fill(0), ...weights] };
}

/** Comments and documentation, of which packages hold more than people complete. */
function isProse({ path, text }, { from }) {
  return /\.md$/.test(path) || /^\s*(\*|\/[/*]|#)/.test(text.slice(text.lastIndexOf("\n", from - 1) + 1, from + 2));
}

/** As a completion chooses them. A few are unrelated: a model must also learn to pass over a piece. */
async function piecesFor(of, file, { from, to }) {
  of.index ??= indexTexts(folder, of.files);
  const prefix = file.text.slice(0, from);
  const source = {
    ...{ uri: pathToFileURL(join(folder, file.path)).href, path: file.path, languageId: languageOf(file.path) },
    ...{ line: prefix.split("\n").length - 1, prefix, suffix: file.text.slice(to) },
  };
  const other = random.one(of.files);
  const asked = random.chance(share.unrelatedPieces) && other !== file ? { ...source, prefix: other.text } : source;
  const found = await choosePieces(asked, { index: await of.index }, { switches, fillsInMiddle: true });
  const others = found.filter(({ path }) => stem(path) !== stem(file.path));
  const room = Math.floor(most.pieceTokens * (0.3 + 0.7 * random.next()));
  return take(others, room).map(({ text }) => text);
}
