// Stop rules, which end a completion although the model would go on. Each rule looks at the text written so far and returns
// where it should end. They run after every token, so that no more is generated than is shown.
import { type Bracket, closes, isPaired, onlyClosers, unmatched } from "../brackets";
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
  const join = first([firstSign(source), restUpToCloser(source), restOfLine(source)]);
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
  const always = [unprintable, stutter, surplusCloser(source), closedBelow(source)];
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

/**
 * A bracket in the first line that leaves a bracket of the rest of the line without its opener, or has none itself where the
 * rest is closers alone, which may be written again. Where nothing stands right of the caret, the model knows best.
 */
function surplusCloser({ prefix, suffix, languageId }: CaretText): Rule {
  const rest = firstLine(suffix);
  const openers = unmatched(prefix, languageId).openers.map(({ char }) => char);
  const needed = unmatched(rest, languageId).closers;
  const isOpen = (closers: readonly Bracket[], closed: number) =>
    closers.every(({ char }, i) => openers[openers.length - 1 - closed - i] === closes[char]);
  if (!needed.length || !isOpen(needed, 0)) return () => undefined;
  return (text) => {
    const { closers } = unmatched(firstLine(text), languageId);
    const surplus = closers.find((closer, i) => !isOpen([closer, ...(onlyClosers(rest) ? [] : needed)], i));
    return surplus && text.slice(0, surplus.at).trimEnd().length;
  };
}

/** A bracket in a line below that closes one left of the caret which the text right of the caret closes already. */
function closedBelow({ prefix, suffix, languageId }: CaretText): Rule {
  const [before, after] = [unmatched(prefix, languageId), unmatched(suffix, languageId)];
  const allowed = Math.max(0, before.openers.length - after.closers.length);
  return (text) => {
    const surplus = unmatched(text, languageId).closers[allowed];
    const isBelow = surplus && surplus.at > firstLine(text).length;
    return isBelow ? text.slice(0, surplus.at).trimEnd().length : undefined;
  };
}

/** The separator or quote with which the rest of the line begins: before `, b)` the text ends at its first comma outside brackets. */
function firstSign({ prefix, suffix, languageId }: CaretText): Rule {
  const rest = firstLine(suffix).trimStart();
  if (onlyClosers(rest) || !/^[,;:"'`]/.test(rest)) return () => undefined;
  if (/^["'`]/.test(rest) && isPaired(lastLine(prefix), rest[0])) return () => undefined; // a string begins there
  return (text) => {
    for (let at = text.indexOf(rest[0]); at >= 0; at = text.indexOf(rest[0], at + 1))
      if (!unmatched(text.slice(0, at), languageId).openers.length && text[at - 1] !== "\\") return at;
  };
}

/** The rest of the line up to the bracket with which it closes one left of the caret, where the text closes that one. */
function restUpToCloser({ suffix, languageId }: CaretText): Rule {
  const rest = firstLine(suffix);
  const [needed] = unmatched(rest, languageId).closers;
  if (!needed || onlyClosers(rest)) return () => undefined;
  const start = rest.slice(0, needed.at + 1);
  return (text) => {
    const [closer] = unmatched(text, languageId).closers;
    return closer && text.slice(0, closer.at + 1).endsWith(start) ? closer.at + 1 - start.length : undefined;
  };
}

/**
 * The rest of the line, or so much of it as hardly occurs by chance. One or two characters may match by chance; trimming
 * handles them.
 */
function restOfLine({ suffix }: CaretText): Rule {
  const rest = firstLine(suffix).trimEnd();
  if (rest.length < 3 || onlyClosers(rest)) return () => undefined;
  return (text) => found(text.indexOf(rest.slice(0, 12)));
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
  return turn && /[\p{L}\p{N}]/u.test(turn) ? text.length - end.length + again!.index + turn.length : undefined;
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
