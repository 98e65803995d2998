// Trims the model's text before it is shown: it must not repeat what stands right of the caret or on the neighbouring lines,
// or leave a surplus bracket.
import { onlyClosers, unmatched } from "./brackets";
import { firstLine, lastLine, previousLine } from "./lines";
import type { CaretText } from "./types";

export interface Shown {
  insertText: string;
  /** How many characters right of the caret the text replaces; it contains them. */
  replaces: number;
}

/** `written` is the model's text. Undefined if nothing is left to show. */
export function trim(written: string, { prefix, suffix, languageId }: CaretText): Shown | undefined {
  const rest = firstLine(suffix);
  const text = withoutLinesBelow(written, suffix.slice(rest.length)).trimEnd();
  const shown = joinRest(text, lastLine(prefix), rest, languageId);
  if (!shown.insertText.trim()) return undefined;
  if (isEcho(shown.insertText, prefix)) return undefined;
  return shown;
}

/** Removes the last lines of the text if they equal the next lines below the caret's. */
function withoutLinesBelow(text: string, suffix: string): string {
  const lines = text.trimEnd().split("\n");
  const below = suffix.split("\n").filter((line) => line.trim());
  for (let count = Math.min(lines.length - 1, below.length); count > 0; count--) {
    const last = lines.slice(-count);
    if (last.every((line, i) => line.trimEnd() === below[i].trimEnd())) return lines.slice(0, -count).join("\n");
  }
  return text;
}

/** Ends the text where the rest of the caret's line begins, or replaces the closers at the start of that rest. */
function joinRest(text: string, line: string, rest: string, languageId: string): Shown {
  const kept = withoutRest(text, rest.trimEnd(), languageId);
  if (kept !== text || !onlyClosers(rest)) return { insertText: kept, replaces: 0 };
  return { insertText: text, replaces: retyped(text, line, rest, languageId) };
}

/**
 * Removes from the end of the text what the rest of the line begins with. Before `)`, `b, c)` becomes `b, c`, but `f(b)`
 * stays, because its last bracket matches its own opener. A text that ends with the whole rest repeats it, unless the rest
 * is closers alone.
 */
function withoutRest(text: string, rest: string, languageId: string): string {
  if (!onlyClosers(rest) && text.endsWith(rest)) return text.slice(0, -rest.length);
  for (let length = rest.length; length > 0; length--) {
    if (!text.endsWith(rest.slice(0, length))) continue;
    const [kept, dropped] = [text.slice(0, -length), rest.slice(0, length)];
    const whole =
      unmatched(kept, languageId).openers.length === 0 &&
      [..."\"'`"].every((q) => !dropped.includes(q) || pairs(kept, q));
    if (whole && (length > 2 || onlyClosers(dropped))) return kept;
  }
  return text;
}

/** How many of the closers right of the caret the text closes too, in the same order. */
function retyped(text: string, line: string, rest: string, languageId: string): number {
  const closing = unmatched(text, languageId).closers.map(({ char }) => char);
  const quote = rest[0];
  if (/["'`]/.test(quote ?? "") && !pairs(line, quote) && text.includes(quote)) closing.unshift(quote);
  let count = 0;
  for (const char of closing) if (rest[count] === char) count++;
  return count;
}

/** Small models often repeat the line above. */
function isEcho(text: string, prefix: string): boolean {
  const line = (lastLine(prefix) + text).trim();
  return /\w/.test(line) && line === previousLine(prefix).trim();
}

/** Whether the quotes are paired. */
const pairs = (text: string, quote: string) => text.split(quote).length % 2 === 1;
