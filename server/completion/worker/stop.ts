// When a completion is over although the model would go on. Each rule looks at all that was written so far and says
// where it should have ended; it is asked after every token, so that nothing is computed that is not shown.
import { onlyClosers, unmatched } from "../brackets";
import { firstLine, indentation, lastLine, nextLine } from "../lines";
import type { CaretText, Extent } from "../types";

/** Where `text` ends, as an offset; undefined to go on. */
type Rule = (text: string) => number | undefined;

const mostLines = 16;

export function createStop(source: CaretText, extent: Extent): Rule {
  const { prefix, suffix } = source;
  const always = [unprintable, stutter, surplusCloser(source), separator(source), restOfLine(source)];
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
    rules.map((rule) => rule(text)).reduce(least);

const least = (a: number | undefined, b: number | undefined) => (a === undefined || b! < a ? b : a);

/** Bytes that are no text, and characters that no one types. */
const unprintable: Rule = (text) => found(text.search(/[\ufffd]|(?![\t\n\r])\p{Cc}/u));

const endOfLine: Rule = (text) => found(text.indexOf("\n"));

/** A bracket that closes what was opened left of the caret, although the text right of it does so already. */
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

/** Before more of the line, what parts it from the rest: `a` and no more before `, b)`. */
function separator({ suffix, languageId }: CaretText): Rule {
  const rest = firstLine(suffix).trimStart();
  if (onlyClosers(rest) || !/^[,;:]/.test(rest)) return () => undefined;
  return (text) => {
    for (let at = text.indexOf(rest[0]); at >= 0; at = text.indexOf(rest[0], at + 1))
      if (!unmatched(text.slice(0, at), languageId).openers.length) return at;
  };
}

/** What stands right of the caret already, once more. A few characters may come by chance: what is trimmed sees to them. */
function restOfLine({ suffix }: CaretText): Rule {
  const rest = firstLine(suffix).trimEnd();
  if (rest.length < 3 || onlyClosers(rest)) return () => undefined;
  return (text) => found(text.indexOf(rest));
}

/**
 * A line that stands further left than the caret's, and so belongs to what surrounds it. After a line that opens a
 * block even one below it does, but for the one that closes the block.
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

/** The end of a group of lines: a person reads up to there before going on. */
const blankLine: Rule = (text) => {
  for (const { index } of text.matchAll(/(?<=\S)[^\S\n]*\n[^\S\n]*\n/g))
    if (!unmatched(text.slice(0, index)).openers.length) return index;
};

function repeatedSuffix(next: string): Rule {
  if (!/\w{2}/.test(next)) return () => undefined; // brackets alone repeat in earnest
  return (text) => {
    for (const { at, line, whole } of linesBelow(text)) if (whole && line.trim() === next.trim()) return at - 1;
  };
}

/** A line that repeats the one before it, or comes for the third time. */
const loop: Rule = (text) => {
  const seen = new Map<string, number>();
  let before = firstLine(text).trim();
  for (const { at, line, whole } of linesBelow(text)) {
    const said = line.trim();
    if (!whole || !/(\w\W*){3}/.test(said)) continue;
    const times = (seen.get(said) ?? 0) + 1;
    if (said === before || times === 3) return at - 1;
    seen.set(said, times);
    before = said;
  }
};

/** The same characters over and over. */
const stutter: Rule = (text) => {
  const end = text.slice(-160);
  const again = /([^\n]{2,40}?)\1{3,}$/.exec(end);
  return again && /\w/.test(again[1]) ? text.length - end.length + again.index + again[1].length : undefined;
};

const tooManyLines: Rule = (text) => {
  const lines = text.split("\n");
  return lines.length > mostLines ? lines.slice(0, mostLines).join("\n").length : undefined;
};

/** All but the first line; `whole` where its end has been written. */
function* linesBelow(text: string): Generator<{ at: number; line: string; whole: boolean }> {
  for (let at = text.indexOf("\n") + 1; at > 0; ) {
    const end = text.indexOf("\n", at);
    yield { at, line: text.slice(at, end < 0 ? undefined : end), whole: end >= 0 };
    at = end + 1;
  }
}

const found = (index: number) => (index < 0 ? undefined : index);
