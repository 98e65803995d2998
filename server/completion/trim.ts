// Trims the model's text before it is shown: it must not repeat what stands right of the caret or on the neighbouring lines,
// or leave a surplus bracket.
import { isPaired, onlyClosers, unmatched } from "./brackets";
import { join, withoutRest } from "./join";
import { firstLine, lastLine, previousLine } from "./lines";
import type { CaretText, Written } from "./types";

export interface Shown {
  insertText: string;
  /** How many characters right of the caret the text replaces; it contains them. */
  replaces: number;
}

/** Undefined if nothing is left to show. */
export function trim(written: Written, { prefix, suffix, languageId }: CaretText): Shown | undefined {
  const [line, rest] = [lastLine(prefix), firstLine(suffix)];
  const shown = onlyClosers(rest)
    ? beforeClosers(withoutLinesBelow(written.text, suffix.slice(rest.length)).trimEnd(), line, rest, languageId)
    : { insertText: join(written, line, rest.trimEnd(), languageId) ?? "", replaces: 0 };
  const { insertText } = shown;
  if (!insertText.trim() || isEcho(insertText, prefix) || callsItself(insertText, prefix)) return undefined;
  if (!/^jsonc?$/.test(languageId)) return shown;
  if (/^\s*[[{]$/.test(insertText)) return undefined; // where the model knows no value, it begins an object
  return isLastInJson(insertText, suffix.slice(shown.replaces))
    ? { ...shown, insertText: insertText.slice(0, -1) }
    : shown;
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

/** Ends the text before the closers right of the caret, or lets it replace those that it closes too. */
function beforeClosers(text: string, line: string, rest: string, languageId: string): Shown {
  const kept = withoutRest(text, rest.trimEnd(), languageId);
  const replaces = kept === text ? retyped(text, line, rest, languageId) : 0;
  return { insertText: kept, replaces };
}

/** How many characters right of the caret the text has too: closers in the same order, and the blanks between them. */
function retyped(text: string, line: string, rest: string, languageId: string): number {
  const quote = rest[0];
  const closesString = /["'`]/.test(quote ?? "") && !isPaired(line, quote) && text.includes(quote);
  const code = closesString ? text.slice(text.indexOf(quote) + 1) : text;
  const closing = unmatched(code, languageId).closers.map(({ char }) => char);
  let count = 0;
  for (const char of closesString ? [quote, ...closing] : closing) {
    const blanks = /^\s*/.exec(rest.slice(count))![0].length;
    if (rest[count + blanks] === char) count += blanks + 1;
  }
  const endsTag = closesString && rest[count] === ">" && text.endsWith(">");
  return endsTag ? count + 1 : count;
}

/** Small models often repeat the line above. */
function isEcho(text: string, prefix: string): boolean {
  const line = (lastLine(prefix) + text).trim();
  return /\w/.test(line) && line === previousLine(prefix).trim();
}

/** Whether the body of a function would be nothing but a call of the function itself, with no end to it. */
function callsItself(text: string, prefix: string): boolean {
  const [head, body] = text.startsWith("\n")
    ? [lastLine(prefix), text]
    : [previousLine(prefix), lastLine(prefix) + text];
  const [, name] = /\b(?:def|function|func|fun|fn)\s+(?:\([^)]*\)\s*)?(\w+)/.exec(head) ?? [];
  const called = /^\s*(?:return\s+)?(?:self\.|this\.)?(\w+)\([^\n]*\);?\s*(?=\n|$)/.exec(body)?.[1];
  return name !== undefined && called === name;
}

/** Whether the text ends with a comma after the last value of an object or array, which JSON forbids. */
const isLastInJson = (text: string, suffix: string): boolean => text.endsWith(",") && /^\s*[}\]]/.test(suffix);
