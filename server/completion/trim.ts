// What of the model's text is shown, given what stands right of the caret: nothing that is there already, no bracket
// that would be left over, no line that only repeats its neighbour.
import { onlyClosers, unmatched } from "./brackets";
import { firstLine, lastLine, previousLine } from "./lines";
import type { CaretText } from "./types";

export interface Shown {
  insertText: string;
  /** Characters right of the caret that the text stands for: it contains them. */
  replaces: number;
}

/** Undefined where nothing is left to show. */
export function trim(written: string, { prefix, suffix, languageId }: CaretText): Shown | undefined {
  const rest = firstLine(suffix);
  const text = withoutLinesBelow(written, suffix.slice(rest.length)).trimEnd();
  const shown = joinRest(text, lastLine(prefix), rest, languageId);
  if (!shown.insertText.trim()) return undefined;
  if (isEcho(shown.insertText, prefix)) return undefined;
  return shown;
}

/** Without the last lines where they are also the next ones below the caret's. */
function withoutLinesBelow(text: string, suffix: string): string {
  const lines = text.trimEnd().split("\n");
  const below = suffix.split("\n").filter((line) => line.trim());
  for (let count = Math.min(lines.length - 1, below.length); count > 0; count--) {
    const last = lines.slice(-count);
    if (last.every((line, i) => line.trimEnd() === below[i].trimEnd())) return lines.slice(0, -count).join("\n");
  }
  return text;
}

/** Lets the text end where the rest of the caret's line begins, or stand for the closers with which that begins. */
function joinRest(text: string, line: string, rest: string, languageId: string): Shown {
  const kept = withoutRest(text, rest.trimEnd(), languageId);
  if (kept !== text || !onlyClosers(rest)) return { insertText: kept, replaces: 0 };
  return { insertText: text, replaces: retyped(text, line, rest, languageId) };
}

/**
 * `b, c)` before `)` is `b, c`; `f(b)` stays, for its bracket closes its own. More than closers that come to the line's
 * end are no chance: with the rest once, the line is as it was written.
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

/** How many of the closers right of the caret come in `text` as well, in their order. */
function retyped(text: string, line: string, rest: string, languageId: string): number {
  const closing = unmatched(text, languageId).closers.map(({ char }) => char);
  const quote = rest[0];
  if (/["'`]/.test(quote ?? "") && !pairs(line, quote) && text.includes(quote)) closing.unshift(quote);
  let count = 0;
  for (const char of closing) if (rest[count] === char) count++;
  return count;
}

/** Small models like to write the line above once more. */
function isEcho(text: string, prefix: string): boolean {
  const line = (lastLine(prefix) + text).trim();
  return /\w/.test(line) && line === previousLine(prefix).trim();
}

const pairs = (text: string, quote: string) => text.split(quote).length % 2 === 1;
