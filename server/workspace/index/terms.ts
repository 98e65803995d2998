// The terms by which texts are compared: identifiers, whole and split by case.

/** Longer runs of letters are data. */
const maxLength = 64;
const identifiers = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
const parts = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}]+|\p{Lu}/gu;

/** The identifiers of a text in their order, repeated ones included. */
export const identifiersOf = (text: string): string[] => text.match(identifiers) ?? [];

/** `parseHTMLFile` gives `parseHTMLFile`, `parse`, `html` and `file`; a single word gives itself in lower case. */
export function termsOfIdentifier(identifier: string): string[] {
  if (identifier.length > maxLength) return [];
  const words = (identifier.match(parts) ?? []).map((part) => part.toLowerCase()).filter(({ length }) => length > 1);
  const isWord = words.length === 1 && words[0].length === identifier.length;
  return isWord || identifier.length === 1 ? words : [identifier, ...words];
}

/** The terms of a text, each once, in the order of their first appearance. */
export const terms = (text: string): string[] => [...new Set(identifiersOf(text).flatMap(termsOfIdentifier))];
