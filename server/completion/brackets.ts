// Finds unmatched brackets without a grammar. Brackets in quoted text are ignored if the quote ends on its line or the text
// ends before it does.

export interface Bracket {
  at: number;
  char: string;
}

/** Closing brackets and their opening ones. */
export const closes: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

const tokens = /[()[\]{}]|(["'`])(?:\\.|(?!\1)[^\\\n])*(?:\1|$)/g;
/** For languages in which a single quote also starts a lifetime or a symbol. */
const tokensWithoutSingleQuotes = /[()[\]{}]|(")(?:\\.|[^"\\\n])*(?:"|$)/g;
const withoutSingleQuotes = ["clojure", "haskell", "lisp", "ocaml", "rust", "scala"];

/** The brackets of `text` that have no partner in it, in the order of the text; `at` is an offset. */
export function unmatched(text: string, languageId?: string): { openers: Bracket[]; closers: Bracket[] } {
  const openers: Bracket[] = [];
  const closers: Bracket[] = [];
  for (const { 0: char, index: at } of text.matchAll(
    withoutSingleQuotes.includes(languageId ?? "") ? tokensWithoutSingleQuotes : tokens,
  )) {
    if (char.length > 1 || !/[()[\]{}]/.test(char)) continue;
    if (!closes[char]) openers.push({ at, char });
    else if (openers.at(-1)?.char === closes[char]) openers.pop();
    else closers.push({ at, char });
  }
  return { openers, closers };
}

/** Whether the text has an even number of these quotes. */
export const isPaired = (text: string, quote: string): boolean => text.split(quote).length % 2 === 1;

/** Whether the text holds only closing brackets, quotes and punctuation, which editors insert right of the caret. */
export const onlyClosers = (text: string): boolean => /^[\s)\]}>"'`;,:]*$/.test(text);
