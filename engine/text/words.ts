// A text's words and each word's tokens: first its bytes or characters, then byte pairs merged. Words are remembered,
// so that after a keystroke all but one of a prompt's words are looked up.

import { mergePairs } from "./bytePairs";
import { byteLetters } from "./pieces";
import { splitWords } from "./preTokenizers";
import { Kind, type Vocabulary } from "./vocabulary";

const remembered = 32768;
const longestRemembered = 64;

/** Appends the tokens of plain text. */
export function wordEncoder(vocabulary: Vocabulary): (text: string, into: number[]) => void {
  const { alphabet, ids, pairs, split, ignoreMerges } = vocabulary;
  const symbols = alphabet === "bytes" ? bytes(vocabulary) : characters(vocabulary);
  const known = new Map<string, number[]>();

  const encode = (word: string): number[] => {
    const whole = ignoreMerges
      ? ids.get(Buffer.from(word).reduce((text, byte) => text + byteLetters[byte], ""))
      : undefined;
    return whole === undefined ? mergePairs(symbols(word), pairs) : [whole];
  };

  return (text, into) => {
    for (const word of splitWords(alphabet === "bytes" ? text : text.replaceAll(" ", "▁"), split)) {
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

/** A slice would keep alive the whole text it was cut from. */
const copy = (word: string) => Buffer.from(word, "utf16le").toString("utf16le");

const unknownOf = ({ kinds }: Vocabulary): number[] => {
  const id = kinds.indexOf(Kind.unknown);
  return id < 0 ? [] : [id];
};

function bytes(vocabulary: Vocabulary): (word: string) => number[] {
  const unknown = unknownOf(vocabulary);
  const symbol = byteLetters.map((letter) => {
    const id = vocabulary.ids.get(letter);
    return id === undefined ? unknown : [id];
  });
  return (word) => Array.from(Buffer.from(word)).flatMap((byte) => symbol[byte]);
}

/** A character that is no token is spelled in bytes, `<0xE2>`; bytes merge with nothing. */
function characters(vocabulary: Vocabulary): (word: string) => number[] {
  const { tokens, kinds, ids } = vocabulary;
  const byteIds: number[] = [];
  tokens.forEach((token, id) => {
    if (kinds[id] === Kind.byte) byteIds[Number(token.slice(1, -1))] = id;
  });
  const unknown = unknownOf(vocabulary);
  const spell = (character: string) => Array.from(Buffer.from(character)).flatMap((byte) => byteIds[byte] ?? unknown);
  return (word) => Array.from(word).flatMap((character) => ids.get(character) ?? spell(character));
}
