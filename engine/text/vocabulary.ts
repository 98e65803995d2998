// What a tokenizer consists of, whatever file it comes from: the tokens and their kinds, the merges, and how text is cut
// before they apply.

import { type Checkpoint, CheckpointError, quote } from "../load/checkpoint";
import { PairTable } from "./bytePairs";
import { type Cut, cutAtPattern } from "./cut";
import { endsOfGeneration, looksSpecial } from "./specialTokens";

/** The part of a checkpoint that says how text becomes tokens. */
export type TokenizerSource = Pick<Checkpoint, "path" | "metadata" | "tokenizerJson">;

/** GGUF's `tokenizer.ggml.token_type`. */
export const Kind = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Everything that encoding and decoding use. */
export interface Vocabulary {
  tokens: readonly string[];
  /** The `Kind` of each token. */
  kinds: Uint8Array;
  /**
   * The symbols of a word before merges: its UTF-8 bytes as GPT-2's printable letters, or its characters with ▁ for a
   * space.
   */
  alphabet: "bytes" | "characters";
  /** Ids of the tokens that text may become; never a control token, whatever the text looks like. */
  ids: ReadonlyMap<string, number>;
  pairs: PairTable;
  /** The cuts into words, which apply in order. Byte pairs merge within words only. */
  split: readonly Cut[];
  /** Whether a word that is itself a token becomes that token, whatever the merges say. */
  ignoreMerges: boolean;
  /** Whether a character that is no token becomes the tokens of its bytes, where all of them are tokens. */
  byteFallback: boolean;
  /** Whether adjacent unknown characters become one unknown token. */
  fuseUnknown: boolean;
  /** Tokens that are found in a text before it is cut; where not given, all that are special or user-defined. */
  added?: readonly AddedToken[];
  /** Without the space at the beginning where the text goes on from other text. */
  normalize?: (text: string, continues: boolean) => string;
  /** Puts SentencePiece's space before a text; `first` where nothing comes before it, not even a special token. */
  spacePrefix?: (text: string, first: boolean) => string;
  /** Texts get a space before them, which decoding takes away again. */
  beginsWithSpace: boolean;
  bos?: number;
  /** Ends of generation that may be typed as plain text. */
  ends: readonly number[];
  addBos: boolean;
  warnings: readonly string[];
}

/** As Hugging Face's tokenizers have them. */
export interface AddedToken {
  id: number;
  content: string;
  /** Whether it is special: found only where special tokens are asked for. */
  special: boolean;
  /** Whether it includes the white space before it, and after it. */
  takesBefore: boolean;
  takesAfter: boolean;
  /** Whether it is found only where no letter, digit or _ is next to it. */
  singleWord: boolean;
  /** Whether it is searched for in the normalized text. */
  normalized: boolean;
}

/** The token that `tokenizer.ggml.{name}_token_id` names, where there is such a token. */
export function tokenId({ metadata }: TokenizerSource, name: string, count: number): number | undefined {
  const id = metadata.get(`tokenizer.ggml.${name}_token_id`);
  return typeof id === "number" && Number.isInteger(id) && id >= 0 && id < count ? id : undefined;
}

/** The tokens that the metadata names as the end of a text, a turn or a message. */
export const endIds = (source: TokenizerSource, count: number): number[] =>
  ["eos", "eot", "eom"].flatMap((name) => tokenId(source, name, count) ?? []);

/** Whether texts begin with `bos`: as the metadata says, else by default. */
export const beginning = ({ metadata }: TokenizerSource, bos: number | undefined, byDefault: boolean) => ({
  bos,
  addBos: bos !== undefined && (metadata.get("tokenizer.ggml.add_bos_token") ?? byDefault) === true,
});

/** Marks the tokens that end generation or mark the middle as control tokens, for files often give them another type. */
export const kindsOf = (tokens: readonly string[], types: readonly number[]): Uint8Array =>
  Uint8Array.from(tokens, (token, id) => {
    const kind = types[id] ?? Kind.normal;
    if (kind !== Kind.normal && kind !== Kind.userDefined) return kind;
    return looksSpecial(token) || (kind === Kind.userDefined && endsOfGeneration.has(token)) ? Kind.control : kind;
  });

/** The ids of the tokens that text may become, by their texts. */
export function textIds(tokens: readonly string[], kinds: Uint8Array): Map<string, number> {
  const ids = new Map<string, number>();
  for (let id = 0; id < tokens.length; id++)
    if (kinds[id] === Kind.normal || kinds[id] === Kind.userDefined || kinds[id] === Kind.unused)
      ids.set(tokens[id], id);
  return ids;
}

/**
 * Parses merges, lines "left right" or pairs, the first merge first. Those of symbols that are no tokens are left out.
 * Throws CheckpointError.
 */
export function pairsOfMerges(
  path: string,
  merges: readonly (string | readonly [string, string])[],
  ids: ReadonlyMap<string, number>,
) {
  const pairs = new PairTable(merges.length);
  for (let rank = 0; rank < merges.length; rank++) {
    const merge = merges[rank];
    const [left, right] = typeof merge === "string" ? parseMerge(path, merge) : merge;
    const [leftId, rightId, merged] = [ids.get(left), ids.get(right), ids.get(left + right)];
    if (leftId !== undefined && rightId !== undefined && merged !== undefined) pairs.add(leftId, rightId, rank, merged);
  }
  return pairs;
}

function parseMerge(path: string, merge: string): [string, string] {
  const space = merge.indexOf(" ", 1);
  if (space < 0) throw new CheckpointError(`${path}: the merge ${quote(merge)} should be two tokens and a space`);
  return [merge.slice(0, space), merge.slice(space + 1)];
}

/**
 * Where no token has a space after another character, nothing merges across words, so each word can be merged by itself.
 */
export function cutAtSpaces(tokens: Iterable<string>): Cut[] {
  for (const token of tokens) if (/[^▁]▁/u.test(token)) return [];
  return [cutAtPattern(/▁*[^▁]+|▁+/gu)];
}
