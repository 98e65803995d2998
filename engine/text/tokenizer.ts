// The tokenizer: text to token ids and back, by the vocabulary of the model's checkpoint.
// This is our own and not @huggingface/tokenizers: that one is as exact, but takes 1.1 s and 94 MB for Llama 3's
// vocabulary (0.3 s and 21 MB here) and 6 ms a keystroke (0.7 here), and does not know the bytes of a token.

import { addedTokens, cutAtTokens } from "./addedTokens";
import { readGgufVocabulary } from "./ggufVocabulary";
import { pieceReader } from "./pieces";
import { endsOfText } from "./specialTokens";
import { readTokenizerJson } from "./tokenizerJson";
import { Kind, type TokenizerSource } from "./vocabulary";
import { wordEncoder } from "./words";

export interface EncodeOptions {
  /** Whether to begin with the beginning-of-sequence token, where the model was trained with one. */
  bos?: boolean;
  /**
   * Whether `<|im_end|>` and its like become special tokens. By default they are text, so that no file can steer the
   * model.
   */
  special?: boolean;
  /** Whether the text continues other text, so that SentencePiece puts no space before it. */
  continues?: boolean;
}

export interface DecodeOptions {
  /** Whether special tokens are written by name. By default they are left out. */
  special?: boolean;
  /** Whether the text continues other text, so that its first space is not SentencePiece's and stays. */
  continues?: boolean;
}

/** Converts text to token ids and back. Only `encode` throws. */
export interface Tokenizer {
  vocabSize: number;
  bos?: number;
  addBos: boolean;
  /** The ids of all special tokens (`<|endoftext|>`, `<|im_end|>`, `<|file_sep|>`, …): generated text ends before any. */
  endOfGeneration: ReadonlySet<number>;
  /** The ids of the tokens that separate documents in the model's training texts. */
  endOfText?: number;
  /** Messages for the user, such as that the pre-tokenizer had to be guessed. */
  warnings: readonly string[];
  /**
   * Throws CheckpointError where a pattern of tokenizer.json takes too much memory on the text; none of a real model
   * does.
   */
  encode(text: string, options?: EncodeOptions): number[];
  decode(ids: Iterable<number>, options?: DecodeOptions): string;
  /** A decoder that takes one token at a time, for text that continues other text. */
  decoder(): Decoder;
  /** The bytes of a token, which need not be whole characters. Those of a special token are its name. */
  piece(id: number): Uint8Array;
  isSpecial(id: number): boolean;
  /** The id of the special token of that name. */
  specialId(name: string): number | undefined;
}

/** Decodes token by token what goes on from other text; a character comes out when its last byte has come. */
export interface Decoder {
  push(id: number): string;
  /** The rest at the end: "", or U+FFFD where the last character is incomplete. */
  flush(): string;
}

/** Makes a checkpoint's tokenizer. Throws CheckpointError where its description is broken or not supported. */
export function createTokenizer(source: TokenizerSource): Tokenizer {
  const { tokenizerJson } = source;
  const vocabulary =
    tokenizerJson === undefined ? readGgufVocabulary(source) : readTokenizerJson(source, tokenizerJson);
  const { tokens, kinds, bos, addBos, normalize, spacePrefix, beginsWithSpace, warnings } = vocabulary;
  const isSpecial = (id: number) => kinds[id] === Kind.control || kinds[id] === Kind.unknown;
  const special = [...tokens.keys()].filter(isSpecial);
  const specialIds = new Map(special.map((id) => [tokens[id], id]));
  const added = vocabulary.added ?? addedTokens(tokens, kinds);
  const cutRaw = cutAtTokens(added.filter(({ normalized }) => !normalized));
  const normalizedTokens = added.filter(({ normalized }) => normalized);
  const cutNormalized = cutAtTokens(
    normalizedTokens.map((token) => ({ ...token, content: normalize?.(token.content, false) ?? token.content })),
  );
  const encodeWords = wordEncoder(vocabulary);
  const piece = pieceReader(vocabulary);

  return {
    vocabSize: tokens.length,
    bos,
    addBos,
    endOfGeneration: new Set([...special, ...vocabulary.ends]),
    endOfText: endsOfText.map((name) => specialIds.get(name)).find((id) => id !== undefined) ?? vocabulary.ends[0],
    warnings,
    isSpecial,
    specialId: (name) => specialIds.get(name),
    piece,

    encode(text, options = {}) {
      const ids: number[] = [];
      if (options.bos && addBos) ids.push(bos!);
      const { special = false, continues = false } = options;
      let first = true;
      for (const fragment of cutRaw(text, special)) {
        if (typeof fragment === "number") {
          ids.push(fragment);
        } else {
          const normal = normalize?.(fragment, first && continues) ?? fragment;
          for (const inner of cutNormalized(normal, special)) {
            if (typeof inner === "number") ids.push(inner);
            else encodeWords(spacePrefix && !(first && continues) ? spacePrefix(inner, first) : inner, ids);
            first = false;
          }
        }
        first = false;
      }
      return ids;
    },

    decode(ids, options = {}) {
      const shown = options.special ? [...ids] : [...ids].filter((id) => !isSpecial(id));
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(shown.map(piece)));
      return beginsWithSpace && !options.continues && text.startsWith(" ") ? text.slice(1) : text;
    },

    decoder() {
      const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
      return {
        push: (id) => (isSpecial(id) ? "" : utf8.decode(piece(id), { stream: true })),
        flush: () => utf8.decode(),
      };
    },
  };
}

/** The tokens that begin a text, where the tokenizer adds any. */
export const startOf = ({ addBos, bos }: Tokenizer): number[] => (addBos ? [bos!] : []);
