// Trains a byte-level BPE tokenizer (Sennrich et al., 2016; Radford et al., 2019): repeatedly makes a token of the most
// frequent pair of neighbours.

import type { MetadataValue } from "../load/checkpoint";
import { cutInTurn } from "./cut";
import { type Before, pop, push } from "./heap";
import { byteLetters } from "./pieces";
import { preTokenizer } from "./preTokenizers";
import { looksSpecial } from "./specialTokens";
import { Kind } from "./vocabulary";

/** Tokens. */
export const defaultVocab = 4096;

/** SmolLM's, which keeps the digits of a number apart. */
const pre = "smollm";
/** The first separates texts; the others are the marks of fill-in-the-middle. */
const end = "<|endoftext|>";
const special = [end, "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"];

/**
 * The metadata of a GGUF file's tokenizer, of `vocab` tokens; fewer where no pair comes twice any more. The same texts
 * give the same tokens. Throws RangeError where `vocab` is less than the bytes and special tokens take.
 */
export function trainTokenizer(texts: Iterable<string>, vocab = defaultVocab): Map<string, MetadataValue> {
  const fewest = special.length + byteLetters.length;
  if (!(vocab >= fewest)) throw new RangeError(`A vocabulary has at least ${fewest} tokens, not ${vocab}`);
  const { tokens, merges } = learnMerges(countWords(texts), vocab - fewest);
  return new Map<string, MetadataValue>([
    ["tokenizer.ggml.model", "gpt2"],
    ["tokenizer.ggml.pre", pre],
    ["tokenizer.ggml.tokens", [...special, ...tokens]],
    ["tokenizer.ggml.token_type", [...special.map(() => Kind.control), ...tokens.map(() => Kind.normal)]],
    ["tokenizer.ggml.merges", merges],
    ["tokenizer.ggml.bos_token_id", special.indexOf(end)],
    ["tokenizer.ggml.eos_token_id", special.indexOf(end)],
    ["tokenizer.ggml.add_bos_token", true],
  ]);
}

function countWords(texts: Iterable<string>): Map<string, number> {
  const { split } = preTokenizer(pre)!;
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of cutInTurn(text, split)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

interface Pair {
  left: number;
  right: number;
  /** How often it occurs now. It may be less than `queued`, when other merges have used its symbols. */
  count: number;
  /** The count by which it is queued. */
  queued: number;
  /** The positions of its left symbol, rising. Some may be outdated. */
  at: number[];
}

/** The more frequent pair first; of equal ones the older. */
const before: Before<Pair> = (a, b) =>
  a.queued !== b.queued ? a.queued > b.queued : a.left !== b.left ? a.left < b.left : a.right < b.right;

/** How often a pair must occur to become a token. */
const minCount = 2;

/** At most `maxMerges` merges in GGUF's form, "left right", and the tokens: the bytes, then what each merge makes. */
function learnMerges(words: ReadonlyMap<string, number>, maxMerges: number): { tokens: string[]; merges: string[] } {
  const { ids, next, previous, weights } = symbolsOf(words);
  const pairs = new Map<number, Pair>();
  const queue: Pair[] = [];
  const tokens = [...byteLetters];
  const merges: string[] = [];

  /** Adds `times`, which may be negative, to the count of the pair at a position. */
  function count(place: number, times: number): Pair {
    const [left, right] = [ids[place], ids[next[place]]];
    const key = left * 2 ** 26 + right;
    let pair = pairs.get(key);
    if (!pair) {
      pair = { left, right, count: 0, queued: 0, at: [] };
      pairs.set(key, pair);
    }
    pair.count += times * weights[place];
    if (times > 0) pair.at.push(place);
    return pair;
  }

  function enqueue(found: Iterable<Pair>) {
    for (const pair of found) {
      if (pair.count < minCount) continue;
      pair.queued = pair.count;
      push(queue, pair, before);
    }
  }

  for (let place = 0; place < ids.length; place++) if (next[place] >= 0) count(place, 1);
  enqueue(pairs.values());

  while (merges.length < maxMerges) {
    const pair = pop(queue, before);
    if (!pair) break;
    const { left, right, at } = pair;
    if (pair.count < pair.queued) {
      enqueue([pair]);
      continue;
    }
    const token = tokens[left] + tokens[right];
    if (looksSpecial(token)) continue;
    merges.push(`${tokens[left]} ${tokens[right]}`);
    const merged = tokens.push(token) - 1;
    const made = new Set<Pair>();
    for (const place of at) {
      const taken = next[place];
      if (ids[place] !== left || taken < 0 || ids[taken] !== right) continue;
      const [earlier, later] = [previous[place], next[taken]];
      if (earlier >= 0) count(earlier, -1);
      if (later >= 0) count(taken, -1);
      [ids[place], ids[taken]] = [merged, -1];
      next[place] = later;
      if (later >= 0) previous[later] = place;
      if (earlier >= 0) made.add(count(earlier, 1));
      if (later >= 0) made.add(count(place, 1));
    }
    pairs.delete(left * 2 ** 26 + right);
    enqueue(made);
  }
  return { tokens, merges };
}

/**
 * The bytes of all words in a row, each with its neighbours in the word (-1 where there is none) and the word's count.
 */
function symbolsOf(words: ReadonlyMap<string, number>) {
  const bytes = [...words.keys()].map((word) => Buffer.from(word));
  const total = bytes.reduce((sum, { length }) => sum + length, 0);
  const symbols = {
    ids: new Int32Array(total),
    next: Int32Array.from({ length: total }, (_, place) => place + 1),
    previous: Int32Array.from({ length: total }, (_, place) => place - 1),
    weights: new Float64Array(total),
  };
  let start = 0;
  for (const [i, count] of [...words.values()].entries()) {
    const last = start + bytes[i].length - 1;
    symbols.ids.set(bytes[i], start);
    symbols.weights.fill(count, start, last + 1);
    symbols.previous[start] = -1;
    symbols.next[last] = -1;
    start = last + 1;
  }
  return symbols;
}
