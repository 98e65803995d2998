// Encodes the words of a text: their bytes or characters, then merged byte pairs. Words are cached, so that after a
// keystroke all words of a prompt but one are looked up.

import { mergePairs } from "./bytePairs";
import { cutInTurn } from "./cut";
import { byteLetters } from "./pieces";
import { Kind, type Vocabulary } from "./vocabulary";

const remembered = 32768;
const longestRemembered = 64;

/** Appends the tokens of plain text. */
export function wordEncoder(vocabulary: Vocabulary): (text: string, into: number[]) => void {
  const { alphabet, ids, pairs, split, ignoreMerges } = vocabulary;
  const symbols = alphabet === "bytes" ? bytes(vocabulary) : characters(vocabulary);
  const known = new Map<string, number[]>();

  const encode = (word: string): number[] => {
    const whole = ignoreMerges ? ids.get(alphabet === "bytes" ? lettersOf(word) : word) : undefined;
    return whole === undefined ? mergePairs(symbols(word), pairs) : [whole];
  };

  return (text, into) => {
    for (const word of cutInTurn(alphabet === "bytes" ? text : text.replaceAll(" ", "▁"), split)) {
      let tokens = known.get(word);
      if (!tokens) {
        tokens = encode(word);
        if (known.size >= remembered) known.clear();
        if (word.length <= longestRemembered) known.set(copy(word), tokens);
      }
      for (const token of tokens) into.push(token);
    }
  };
}

const lettersOf = (word: string) => Buffer.from(word).reduce((text, byte) => text + byteLetters[byte], "");

/** A copy, for a slice would keep the whole text in memory. */
const copy = (word: string) => Buffer.from(word, "utf16le").toString("utf16le");

/** The unknown token's id; undefined where there is none, and unknown characters are left out. */
const unknownOf = ({ kinds }: Vocabulary): number | undefined => {
  const id = kinds.indexOf(Kind.unknown);
  return id < 0 ? undefined : id;
};

function bytes(vocabulary: Vocabulary): (word: string) => number[] {
  const unknown = unknownOf(vocabulary);
  const symbol = byteLetters.map((letter) => vocabulary.ids.get(letter));
  return (word) =>
    joinUnknown(
      Array.from(Buffer.from(word), (byte) => symbol[byte]),
      unknown,
      vocabulary.fuseUnknown,
    );
}

/** The byte tokens, such as `<0xE2>`, merge with nothing. */
function characters(vocabulary: Vocabulary): (word: string) => number[] {
  const { tokens, kinds, ids, byteFallback, fuseUnknown } = vocabulary;
  const byteIds: number[] = [];
  tokens.forEach((token, id) => {
    if (kinds[id] === Kind.byte) byteIds[Number(token.slice(1, -1))] = id;
  });
  const unknown = unknownOf(vocabulary);
  function spell(character: string): (number | undefined)[] {
    const bytes = byteFallback ? Array.from(Buffer.from(character), (byte) => byteIds[byte]) : [undefined];
    return bytes.includes(undefined!) ? [undefined] : bytes;
  }
  return (word) => {
    const symbols = Array.from(word).flatMap((character) => ids.get(character) ?? spell(character));
    return joinUnknown(symbols, unknown, fuseUnknown);
  };
}

/** Replaces each unknown symbol, or each run of them, by the unknown token. */
function joinUnknown(symbols: readonly (number | undefined)[], unknown: number | undefined, fuse: boolean): number[] {
  if (!symbols.includes(undefined)) return symbols as number[];
  return symbols.flatMap((symbol, i) => {
    if (symbol !== undefined) return symbol;
    return unknown === undefined || (fuse && i > 0 && symbols[i - 1] === undefined) ? [] : unknown;
  });
}
