// `node tools/infill/examples.mjs COUNT OUT`: examples that teach the built-in model to fill in the middle, out of
// .cache/corpus/train (tools/corpus/corpus.mjs makes it). They are laid out as the prompts of completions are: similar code
// of the same package, the text right of the caret, the text left of it, and what is to be written.
//
//   OUT/tokens.bin    the token ids of all examples, 16 bits each
//   OUT/weights.bin   the weight of each token's loss, in units of 1/100, 8 bits each
//   OUT/lengths.bin   the number of tokens of each example, 32 bits each
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { bundled, root, step } from "../steps.mjs";
import { createChunks } from "./chunks.mjs";
import { chooseHole } from "./holes.mjs";
import { seeded } from "./random.mjs";

const { adapterFillInMiddle, builtIn, control, idsOf, loadTokenizer, pathHeader, startOf } =
  await bundled("engine/index.ts");
const marks = { prefix: "<repo_name>", suffix: "<filename>", middle: "<jupyter_code>" };

/** Shares of the examples. */
const share = { withPieces: 0.45, unrelatedPieces: 0.1, leftToRight: 0.15, noSuffix: 0.08, prose: 0.3 };
/** The weight of the loss of what is to be written, and of the text left of it, which gives practice in code. */
const weight = { middle: 100, left: 10, leftToRight: 50 };
const most = { pieces: 3, pieceTokens: 260, suffix: 64, longSuffix: 160, left: 700, tokens: 1536 };

const [count, out] = [Number(process.argv[2]), process.argv[3]];
const random = seeded(20260);
const tokenizer = await loadTokenizer(builtIn.path);
const form = adapterFillInMiddle(tokenizer, marks);
const encode = (text) => tokenizer.encode(text, { continues: true });
const end = [...tokenizer.endOfGeneration].filter((id) => tokenizer.decode([id], { special: true }) === "<|endoftext|>");

const packages = await step("Reading the corpus", readPackages);
await step(`Laying out ${count} examples`, async () => {
  const examples = [];
  while (examples.length < count) {
    const example = exampleOf(draw());
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
    const [, name, path] = /^([^/]+\/(?:@[^/]+\/|(?:[\w.-]+\.\w+\/[^/]+\/))?[^/]+)\/(.+)$/.exec(relative(corpus, full)) ?? [];
    if (!path) continue;
    const text = (await readFile(full, "utf8")).replaceAll("\r\n", "\n");
    if (!files.has(name)) files.set(name, []);
    files.get(name).push({ path, text });
  }
  return [...files.values()].map((files) => ({ files, chunks: undefined, bytes: files.reduce((sum, { text }) => sum + text.length, 0) }));
}

/** A package is drawn by the square root of its size, and a file by its size up to 20,000 characters. */
function draw() {
  const of = random.weighted(packages, ({ bytes }) => Math.sqrt(bytes));
  return { of, file: random.weighted(of.files, ({ text }) => Math.min(text.length, 20_000)) };
}

function exampleOf({ of, file }) {
  const hole = chooseHole(file.text, random);
  if (!hole || (isProse(file, hole) && !random.chance(share.prose))) return undefined;
  const { from, to } = hole;
  const pieces = random.chance(share.withPieces) ? piecesFor(of, file, from) : [];
  const header = pathHeader(file.path);
  const before = file.text.slice(Math.max(0, from - 4000), from);
  const kept = random.chance(0.75) ? Math.floor(60 + 300 * random.next()) : most.left;
  const start = { ids: startOf(tokenizer) };

  if (random.chance(share.leftToRight)) {
    const ids = encode(before + file.text.slice(from, from + 200)).slice(-kept);
    return laidOut([start, ...pieces, { ids: encode(header) }], ids, ids.map(() => weight.leftToRight));
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
    : encode(file.text.slice(to, to + 800)).slice(0, random.chance(0.8) ? most.suffix : Math.floor(random.next() * most.longSuffix));
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

/** The most similar last, as in prompts. A few are unrelated: a model must also learn to pass over a piece. */
function piecesFor(of, file, caret) {
  of.chunks ??= createChunks(of.files);
  const wanted = 1 + Math.floor(random.next() * most.pieces);
  const chunks = random.chance(share.unrelatedPieces)
    ? Array.from({ length: wanted }, () => random.one(of.chunks.all)).filter((chunk) => chunk.file !== file)
    : of.chunks.like(file, caret, wanted);
  return chunks
    .reverse()
    .map(({ file: { path }, text }) => ({ ids: [...encode(pathHeader(path) + text).slice(0, most.pieceTokens), ...encode("\n")] }));
}
