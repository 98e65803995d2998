// Joins what the model wrote to the text right of the caret in its line, where that is more than closers. The model often
// writes the rest of the line again, in its own way: then the two cannot be joined, and nothing is shown.
import { isPaired, onlyClosers, unmatched } from "./brackets";
import { thresholds } from "./confidence";
import type { Written } from "./types";

const [endsInWord, beginsWithWord] = [/[\p{L}\p{N}_$]$/u, /^[\p{L}\p{N}_$]/u];

/** The longest text, in characters, that is put before the letters of a word to become part of it. */
const longestInWord = 16;

/**
 * What of the text goes between `line`, the line left of the caret, and `rest`, what stands right of it; undefined if the
 * text does not join.
 */
export function join(written: Written, line: string, rest: string, languageId: string): string | undefined {
  const { text, end } = written;
  if (text.includes("\n")) return undefined;
  const kept = withoutRest(text, rest, languageId);
  const repeated = text.slice(kept.length);
  if (end !== "joined" && repeated !== rest && !twoWords.test(repeated)) return undefined; // a line of its own
  const joined = /^\s/.test(rest) ? kept.trimEnd() : kept;
  if (repeats(joined, line, rest) || !closesItsBrackets(joined, line, rest, languageId)) return undefined;
  const splitsWord = endsInWord.test(joined) && beginsWithWord.test(rest);
  return splitsWord && !fitsInWord(joined, written) ? undefined : joined;
}

/**
 * Removes from the end of the text what the rest of the line begins with. Before `)`, `b, c)` becomes `b, c`, but `f(b)`
 * stays, because its last bracket matches its own opener. A text that ends with the whole rest repeats it, unless the rest
 * is closers alone.
 */
export function withoutRest(text: string, rest: string, languageId: string): string {
  if (!onlyClosers(rest) && text.endsWith(rest)) return text.slice(0, -rest.length);
  for (let length = rest.length; length > 0; length--) {
    if (!text.endsWith(rest.slice(0, length))) continue;
    const [kept, dropped] = [text.slice(0, -length), rest.slice(0, length)];
    const whole =
      unmatched(kept, languageId).openers.length === 0 &&
      [..."\"'`"].every((quote) => !dropped.includes(quote) || isPaired(kept, quote));
    if (whole && (length > 2 || onlyClosers(dropped))) return kept;
  }
  return text;
}

/** Two words, and what stands between them. */
const twoWords = /[\p{L}\p{N}_$][^\p{L}\p{N}_$]+[\p{L}\p{N}_$]/u;

/** Whether the text begins as the line ended or as the rest begins, or ends as the rest ends, by two words or more. */
function repeats(text: string, line: string, rest: string): boolean {
  for (let length = Math.min(text.length, line.length); length > 7; length--)
    if (line.endsWith(text.slice(0, length))) return twoWords.test(text.slice(0, length));
  let [start, end] = [0, 0];
  while (start < text.length && text[start] === rest[start]) start++;
  while (end < text.length && text.at(-1 - end) === rest.at(-1 - end)) end++;
  const tail = text.slice(text.length - end);
  return twoWords.test(text.slice(0, start)) || twoWords.test(tail) || tail.includes("</");
}

/** Whether each bracket that the text opens is closed in the line, and no statement ends in it unless within brackets. */
function closesItsBrackets(text: string, line: string, rest: string, languageId: string): boolean {
  const open = (text: string) => unmatched(text, languageId).openers.length;
  if (open(text + rest) > open(rest)) return false;
  return !withoutStrings(text).includes(";") || open(line) > 0;
}

const withoutStrings = (text: string) => text.replace(/(["'`]).*?\1/g, "");

/** Before a word's own letters a suggestion becomes part of that word: it is short, and the model is sure of it. */
const fitsInWord = (text: string, { confidence, least }: Written): boolean =>
  text.length <= longestInWord && (confidence >= thresholds.withinLine.sure || least === -Infinity);
