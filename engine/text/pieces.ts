// The bytes a token stands for.

import { Kind, type Vocabulary } from "./vocabulary";

/** GPT-2 writes byte b as byteLetters[b]: itself where it is printable, else a letter from U+0100 on. */
export const byteLetters: readonly string[] = (() => {
  let hidden = 0x100;
  const printable = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : hidden++));
})();

const bytesOfLetters = new Map(byteLetters.map((letter, byte) => [letter, byte]));

/** A function from a token's id to its bytes. An id that no token has gives no bytes. */
export function pieceReader({ tokens, kinds, alphabet }: Vocabulary): (id: number) => Uint8Array {
  return (id) => {
    const token = tokens[id] ?? "";
    const kind = kinds[id];
    if (kind === Kind.byte) return Uint8Array.of(Number(token.slice(1, -1)));
    if (kind !== Kind.normal && kind !== Kind.unused) return Buffer.from(token);
    if (alphabet === "characters") return Buffer.from(token.replaceAll("▁", " "));
    return Buffer.from(Array.from(token).flatMap((letter) => bytesOfLetters.get(letter) ?? [...Buffer.from(letter)]));
  };
}
