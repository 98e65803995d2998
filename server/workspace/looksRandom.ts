// Whether a text was drawn by chance, as keys are, or stands for something, as names and placeholders do.

const placeholder =
  /example|placeholder|changeme|replace|your|dummy|fake|sample|insert|x{4}|\*{3}|\.{3}|<.*>|\$\{|\{\{/i;
const leastBits = 2.5;

/** By Shannon's entropy of its characters; words are no secret, and neither is what holds no digit. */
export function looksRandom(value: string): boolean {
  if (placeholder.test(value) || !/\d/.test(value) || !/[a-z]/i.test(value)) return false;
  return entropy(value) >= leastBits && (shareOfWords(value) < 0.6 || value.match(/\d+/g)!.length > 2);
}

/** In bits a character. */
function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0);
}

/** Of its characters, those in what reads as a word: three letters or more, of which every fourth or more is a vowel. */
function shareOfWords(text: string): number {
  const words = (text.match(/[A-Z]?[a-z]{3,}|[A-Z]{4,}/g) ?? []).filter((word) => vowels(word) >= word.length / 4);
  return words.join("").length / text.length;
}

const vowels = (word: string) => word.match(/[aeiouy]/gi)?.length ?? 0;
