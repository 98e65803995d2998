// Stop rules, which end a completion although the model would go on. Each rule looks at the text written so far and returns
// where it should end. They run after every token, so that no more is generated than is shown.
import { onlyClosers, unmatched } from "../brackets";
import { firstLine, indentation, lastLine, nextLine } from "../lines";
import type { CaretText, Extent } from "../types";

/** Returns the offset at which `text` should end, or undefined to go on. */
type Rule = (text: string) => number | undefined;

export interface Stop {
  /** The offset at which the text should end. */
  at: number;
  /** Whether what stands right of the caret begins there. */
  joins: boolean;
}

/** Undefined to go on. */
export type StopRule = (text: string) => Stop | undefined;

const maxLines = 16;

/** The rules for a completion at this caret, combined into one. */
export function createStop(source: CaretText, extent: Extent): StopRule {
  const join = first([separator(source), restOfLine(source)]);
  const end = endOf(source, extent);
  return (text) => {
    const [joins, ends] = [join(text), end(text)];
    if (joins !== undefined && (ends === undefined || joins <= ends)) return { at: joins, joins: true };
    return ends === undefined ? undefined : { at: ends, joins: false };
  };
}

/** The rules that know nothing of what stands right of the caret but its brackets. */
function endOf(source: CaretText, extent: Extent): Rule {
  const { prefix, suffix } = source;
  const always = [unprintable, stutter, surplusCloser(source)];
  if (extent === "line") return first([...always, endOfLine]);
  const lines = [dedent(lastLine(prefix), extent === "block"), blankLine, repeatedSuffix(nextLine(suffix)), loop];
  const more = first([...always, ...lines, tooManyLines]);
  if (extent !== "next") return more;
  const line = first([...always, endOfLine]);
  return (text) => (/^[^\S\n]*(\n|$)/.test(text) ? more(text) : line(text));
}

const first =
  (rules: Rule[]): Rule =>
  (text) =>
    rules.map((rule) => rule(text)).reduce(leastOf);

const leastOf = (a: number | undefined, b: number | undefined) => (a === undefined || b! < a ? b : a);

/** Bytes that are not UTF-8, and control characters. */
const unprintable: Rule = (text) => found(text.search(/[\ufffd]|(?![\t\n\r])\p{Cc}/u));

const endOfLine: Rule = (text) => found(text.indexOf("\n"));

/** A bracket that closes one left of the caret which the text right of the caret closes already. */
function surplusCloser({ prefix, suffix, languageId }: CaretText): Rule {
  const [before, after] = [unmatched(prefix, languageId), unmatched(suffix, languageId)];
  const rest = firstLine(suffix);
  const retyped = onlyClosers(rest) ? unmatched(rest, languageId).closers.length : 0;
  const allowed = Math.max(0, before.openers.length - after.closers.length) + retyped;
  return (text) => {
    const surplus = unmatched(text, languageId).closers[allowed];
    return surplus && text.slice(0, surplus.at).trimEnd().length;
  };
}

/** The separator with which the rest of the line begins: before `, b)` the text ends at its first comma outside brackets. */
function separator({ suffix, languageId }: CaretText): Rule {
  const rest = firstLine(suffix).trimStart();
  if (onlyClosers(rest) || !/^[,;:]/.test(rest)) return () => undefined;
  return (text) => {
    for (let at = text.indexOf(rest[0]); at >= 0; at = text.indexOf(rest[0], at + 1))
      if (!unmatched(text.slice(0, at), languageId).openers.length) return at;
  };
}

/** A repetition of the rest of the line. One or two characters may match by chance; trimming handles them. */
function restOfLine({ suffix }: CaretText): Rule {
  const rest = firstLine(suffix).trimEnd();
  if (rest.length < 3 || onlyClosers(rest)) return () => undefined;
  return (text) => found(text.indexOf(rest));
}

/**
 * A line that is indented less than the caret's belongs to the surrounding code. After a line that opens a block, so does a
 * line with the same indentation, except the one that closes the block.
 */
function dedent(line: string, opens: boolean): Rule {
  const base = indentation(line);
  return (text) => {
    for (const { at, line, whole } of linesBelow(text)) {
      if (!line.trim()) continue;
      const deeper = indentation(line) - base;
      const closing = deeper === 0 && /^\s*([)\]}]|end\b)/.test(line);
      if (deeper < 0 || (deeper === 0 && opens && !closing)) return at - 1;
      if (opens && closing && whole && !/[([{:]\s*$/.test(line)) return at + line.length;
    }
  };
}

/** A blank line outside brackets ends a group of lines, which is as much as users read at once. */
const blankLine: Rule = (text) => {
  for (const { index } of text.matchAll(/(?<=\S)[^\S\n]*\n[^\S\n]*\n/g))
    if (!unmatched(text.slice(0, index)).openers.length) return index;
};

function repeatedSuffix(next: string): Rule {
  if (!/\w{2}/.test(next)) return () => undefined; // lines of brackets alone repeat in correct code
  return (text) => {
    for (const { at, line, whole } of linesBelow(text)) if (whole && line.trim() === next.trim()) return at - 1;
  };
}

/** A line that repeats the one before it, or occurs for the third time. */
const loop: Rule = (text) => {
  const seen = new Map<string, number>();
  let before = firstLine(text).trim();
  for (const { at, line, whole } of linesBelow(text)) {
    const trimmed = line.trim();
    if (!whole || !/(\w\W*){3}/.test(trimmed)) continue;
    const times = (seen.get(trimmed) ?? 0) + 1;
    if (trimmed === before || times === 3) return at - 1;
    seen.set(trimmed, times);
    before = trimmed;
  }
};

/** The same 2 to 40 characters four times in a row, or at least 24 characters twice. */
const stutter: Rule = (text) => {
  const end = text.slice(-320);
  const again = /([^\n]{2,40}?)\1{3,}$|([^\n]{24,})\2$/.exec(end);
  const turn = again?.[1] ?? again?.[2];
  return turn && /\w/.test(turn) ? text.length - end.length + again!.index + turn.length : undefined;
};

const tooManyLines: Rule = (text) => {
  const lines = text.split("\n");
  return lines.length > maxLines ? lines.slice(0, maxLines).join("\n").length : undefined;
};

/** All lines but the first. `whole` says whether the line's end has been written. */
function* linesBelow(text: string): Generator<{ at: number; line: string; whole: boolean }> {
  for (let at = text.indexOf("\n") + 1; at > 0; ) {
    const end = text.indexOf("\n", at);
    yield { at, line: text.slice(at, end < 0 ? undefined : end), whole: end >= 0 };
    at = end + 1;
  }
}

const found = (index: number) => (index < 0 ? undefined : index);
