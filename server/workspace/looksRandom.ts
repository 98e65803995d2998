// Tells random strings, such as keys, from names and placeholders.

const placeholder =
  /example|placeholder|changeme|replace|your|dummy|fake|sample|insert|x{4}|\*{3}|\.{3}|<.*>|\$\{|\{\{/i;
/** Bits per character. */
const minEntropy = 2.5;

/** By the Shannon entropy of its characters. A string without a digit, or mostly of words, is not random. */
export function looksRandom(value: string): boolean {
  if (placeholder.test(value) || !/\d/.test(value) || !/[a-z]/i.test(value)) return false;
  return entropy(value) >= minEntropy && (shareOfWords(value) < 0.6 || value.match(/\d+/g)!.length > 2);
}

/** In bits per character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0);
}

/** The share of characters in words: at least three letters, at least a quarter of them vowels. */
function shareOfWords(text: string): number {
  const words = (text.match(/[A-Z]?[a-z]{3,}|[A-Z]{4,}/g) ?? []).filter((word) => vowels(word) >= word.length / 4);
  return words.join("").length / text.length;
}

const vowels = (word: string) => word.match(/[aeiouy]/gi)?.length ?? 0;
