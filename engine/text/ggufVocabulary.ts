// The vocabulary in a GGUF file's metadata: `tokenizer.ggml.*`, with the defaults of llama.cpp's llama-vocab.cpp.

import { CheckpointError, quote } from "../load/checkpoint";
import { shown } from "../load/json";
import { PairTable } from "./bytePairs";
import { preTokenizer } from "./preTokenizers";
import {
  beginning,
  cutAtSpaces,
  endIds,
  kindsOf,
  pairsOfMerges,
  type TokenizerSource,
  textIds,
  tokenId,
  type Vocabulary,
} from "./vocabulary";

/** Throws CheckpointError where the metadata holds no tokenizer, or one that is not supported. */
export function readGgufVocabulary(source: TokenizerSource): Vocabulary {
  const model = source.metadata.get("tokenizer.ggml.model");
  if (model === "gpt2") return bytePairVocabulary(source);
  if (model === "llama") return sentencePieceVocabulary(source);
  if (model === undefined)
    throw new CheckpointError(
      `${source.path} holds no tokenizer; expected tokenizer.json in a folder, tokenizer.ggml.model in a GGUF file. ` +
        "Copy the tokenizer.json of the model that it was made from into the folder, or choose another file",
    );
  throw new CheckpointError(
    `${source.path}: the tokenizer (tokenizer.ggml.model) is ${shown(String(model))}; ` +
      `supported are "gpt2" (byte-level BPE) and "llama" (SentencePiece BPE). Choose another file`,
  );
}

function bytePairVocabulary(source: TokenizerSource): Vocabulary {
  const { path, metadata } = source;
  const { tokens, kinds, ids, ends } = readTokens(source);
  const name = metadata.get("tokenizer.ggml.pre");
  const pre = preTokenizer(String(name ?? "default"));
  if (!pre)
    throw new CheckpointError(
      `${path}: the pre-tokenizer ${quote(String(name))} (tokenizer.ggml.pre) is not supported`,
    );
  return {
    ...{ tokens, kinds, ids, ends, alphabet: "bytes", split: pre.split, ignoreMerges: pre.ignoreMerges ?? false },
    ...{ byteFallback: false, fuseUnknown: false, beginsWithSpace: false },
    ...beginning(source, tokenId(source, "bos", tokens.length), pre.addBos ?? false),
    pairs: pairsOfMerges(path, required(source, "tokenizer.ggml.merges", isString), ids),
    warnings:
      name === undefined
        ? [`${path} names no pre-tokenizer (tokenizer.ggml.pre): text may be cut otherwise than the model learned it`]
        : [],
  };
}

function sentencePieceVocabulary(source: TokenizerSource): Vocabulary {
  const { tokens, kinds, ids, ends } = readTokens(source);
  const scores = required(source, "tokenizer.ggml.scores", isNumber, tokens.length);
  const beginsWithSpace = source.metadata.get("tokenizer.ggml.add_space_prefix") !== false;
  return {
    ...{ tokens, kinds, ids, ends, alphabet: "characters", split: cutAtSpaces(ids.keys()), ignoreMerges: false },
    ...beginning(source, tokenId(source, "bos", tokens.length) ?? (tokens.length > 1 ? 1 : undefined), true),
    pairs: pairsOfScores(tokens, scores, ids),
    ...{ byteFallback: true, fuseUnknown: false, beginsWithSpace },
    spacePrefix: beginsWithSpace ? (text) => ` ${text}` : undefined,
    warnings: [],
  };
}

function readTokens(source: TokenizerSource) {
  const tokens = required(source, "tokenizer.ggml.tokens", isString, 1);
  const types = "tokenizer.ggml.token_type";
  const kinds = kindsOf(tokens, source.metadata.has(types) ? required(source, types, isNumber, tokens.length) : []);
  return { tokens, kinds, ids: textIds(tokens, kinds), ends: endIds(source, tokens.length) };
}

const isString = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";

function required<T>(
  { path, metadata }: TokenizerSource,
  key: string,
  is: (value: unknown) => value is T,
  minLength = 0,
): T[] {
  const values: unknown = metadata.get(key);
  if (!Array.isArray(values) || values.length < minLength || !values.every(is))
    throw new CheckpointError(
      `${path}: ${key} should list ${is === isString ? "texts" : "numbers"}, one a token, but ` +
        (Array.isArray(values) ? `has ${values.length} values for ${minLength} tokens` : `is ${typeof values}`),
    );
  return values;
}

/**
 * SentencePiece merges the pair whose token has the highest score. These are all pairs that make a token, by falling
 * score.
 */
function pairsOfScores(tokens: readonly string[], scores: readonly number[], ids: ReadonlyMap<string, number>) {
  const falling = [...ids.values()].sort((a, b) => scores[b] - scores[a]);
  const found: [left: number, right: number, rank: number, merged: number][] = [];
  let rank = 0;
  falling.forEach((merged, i) => {
    if (i > 0 && scores[merged] < scores[falling[i - 1]]) rank++;
    const token = tokens[merged];
    for (let at = 1; at < token.length; at++) {
      const left = ids.get(token.slice(0, at));
      const right = left === undefined ? undefined : ids.get(token.slice(at));
      if (left !== undefined && right !== undefined) found.push([left, right, rank, merged]);
    }
  });
  const pairs = new PairTable(found.length);
  for (const pair of found) pairs.add(...pair);
  return pairs;
}
