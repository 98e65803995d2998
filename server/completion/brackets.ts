// Brackets that have no partner, found without a grammar: quoted text is passed over, where the quote ends on its line or
// the text does.

export interface Bracket {
  at: number;
  char: string;
}

const closes: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

const tokens = /[()[\]{}]|(["'`])(?:\\.|(?!\1)[^\\\n])*(?:\1|$)/g;
/** Where a single quote also marks a lifetime or a symbol. */
const tokensWithoutSingleQuotes = /[()[\]{}]|(")(?:\\.|[^"\\\n])*(?:"|$)/g;
const withoutSingleQuotes = ["clojure", "haskell", "lisp", "ocaml", "rust", "scala"];

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

/** What editors put right of the caret by themselves, and what one types over. */
export const onlyClosers = (text: string): boolean => /^[\s)\]}>"'`;,:]*$/.test(text);
