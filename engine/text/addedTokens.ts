// Tokens that are found in a text by their names, before anything else is done with it (AddedVocabulary of Hugging Face's
// tokenizers).

import { type AddedToken, Kind } from "./vocabulary";

/** A token's id, or text between tokens, which is never empty. */
export type Fragment = number | string;

/** The added tokens of a vocabulary whose file lists none: its special and its user-defined tokens. */
export function addedTokens(tokens: readonly string[], kinds: Uint8Array): AddedToken[] {
  const plain = { takesBefore: false, takesAfter: false, singleWord: false, normalized: false };
  return tokens.flatMap((content, id) => {
    const special = kinds[id] === Kind.control || kinds[id] === Kind.unknown;
    return special || kinds[id] === Kind.userDefined ? [{ id, content, special, ...plain }] : [];
  });
}

/**
 * Cuts a text at the leftmost added token, at the longest of those that begin there. Special ones stay text unless asked
 * for.
 */
export function cutAtTokens(tokens: readonly AddedToken[]): (text: string, special: boolean) => Fragment[] {
  const longestFirst = tokens.filter(({ content }) => content).sort((a, b) => b.content.length - a.content.length);
  if (longestFirst.length === 0) return (text) => (text ? [text] : []);
  const byContent = new Map(longestFirst.map((token) => [token.content, token]));
  const pattern = new RegExp(longestFirst.map(({ content }) => literal(content)).join("|"), "gu");
  return (text, special) => {
    const fragments: Fragment[] = [];
    let end = 0;
    for (const { 0: content, index } of text.matchAll(pattern)) {
      const token = byContent.get(content)!;
      let [from, to] = [index, index + content.length];
      if (token.special && !special) continue;
      if (token.singleWord && (isWord(Array.from(text.slice(0, from).slice(-2)).at(-1)) || isWord(text.slice(to))))
        continue;
      if (token.takesBefore) while (from > end && isSpace(text[from - 1])) from--;
      if (token.takesAfter) while (to < text.length && isSpace(text[to])) to++;
      if (from > end) fragments.push(text.slice(end, from));
      fragments.push(token.id);
      end = to;
    }
    if (end < text.length) fragments.push(text.slice(end));
    return fragments;
  };
}

const isSpace = (letter: string) => /^\p{White_Space}/u.test(letter);
/** Whether a text begins with a character that Rust's \\w matches. */
const isWord = (text = "") => /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u.test(text);
const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
