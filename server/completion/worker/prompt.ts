// Lays out the prompt: the file's path, the text left of the caret and, for a model that can fill in the middle, the text
// right of it. The text is cut so that a keystroke changes only the end of the prompt and the rest stays in the KV cache.
import {
  control,
  encodeUnfinished,
  type FillInMiddle,
  idsOf,
  pathHeader,
  startOf,
  type Tokenizer,
} from "../../../engine";
import type { PromptPiece } from "../../../protocol";
import type { CaretText } from "../types";
import { needsFillInMiddle } from "../wanted";
import { blocks, stableEnd } from "./blocks";

export interface Layout {
  ids: number[];
  pieces: PromptPiece[];
  /** What stands left of the caret and is not in the prompt: the model's text begins with it. */
  healedPrefix: string;
}

/** `budget` is the prompt's length in tokens, at most. */
export type LayOutPrompt = (source: CaretText, budget: number) => Layout;

/** The suffix's share of the budget. It is small because the suffix is read again at each keystroke. */
const suffixShare = 1 / 8;
/** Tokens reserved for those that mark the parts of the prompt. */
const markers = 8;

/** A segment of the prompt, and what it is to a reader. */
type Part = Omit<PromptPiece, "tokens"> & { ids: readonly number[] };

export function createLayout(tokenizer: Tokenizer, fillInMiddle: FillInMiddle | undefined): LayOutPrompt {
  const encode = (text: string) => tokenizer.encode(text, { continues: true });
  const length = memoize((text) => encode(text).length);

  return ({ uri, path, languageId, line, prefix, suffix }, budget) => {
    const form = fillInMiddle?.withinLines && !needsFillInMiddle(suffix) ? undefined : fillInMiddle;
    const header = pathHeader(path, languageId);
    const top: Part = { kind: "path", text: header, ids: tokenizer.encode(header) };
    const right = form ? firstTokens(suffix, Math.floor(budget * suffixShare)) : { text: "", ids: [] };
    const room = budget - markers - top.ids.length - right.ids.length;
    const { healedPrefix, ...left } = lastTokens(prefix, room);
    const origin = (firstLine: number, lastLine: number) => ({ uri, firstLine, lastLine });
    const before: Part = { kind: "prefix", origin: origin(Math.max(0, line - count(left.text)), line), ...left };
    const after: Part = { kind: "suffix", origin: origin(line, line + count(right.text)), ...right };

    const segments = form
      ? form.layout({ prefix: [top, before], suffix: [after] })
      : [control(...startOf(tokenizer)), top, before];
    const pieces = segments
      .filter(({ ids }) => ids.length > 0)
      .map(({ ids, ...part }): PromptPiece => {
        if ("text" in part) return { ...part, tokens: ids.length };
        return { ...part, text: tokenizer.decode(ids, { special: true }), tokens: ids.length };
      });
    return { ids: idsOf(segments), healedPrefix, pieces };
  };

  /** The end of the text. Its start moves by a quarter of the room at a time, so that the prompt's start is stable between. */
  function lastTokens(text: string, room: number) {
    const pieces = blocks(stableEnd(text, 8 * room), room >> 3);
    const counts = pieces.slice(0, -1).map(length); // without the last one, so that typing in it does not move the start
    const surplus = counts.reduce((sum, count) => sum + count, room / 8) - room;
    let skip = Math.ceil(surplus / (room / 4)) * (room / 4);
    let first = 0;
    while (skip > 0 && first < counts.length) skip -= counts[first++];

    for (; ; first++) {
      const kept = pieces.slice(first).join("");
      const { ids, healedPrefix } = encodeUnfinished(tokenizer, kept);
      if (ids.length > room && first < counts.length) continue;
      const fits = ids.slice(-room);
      return {
        ids: fits,
        text: fits.length < ids.length ? tokenizer.decode(fits) : without(kept, healedPrefix),
        healedPrefix,
      };
    }
  }

  /** The start of the text, up to the end of a line if one fits. */
  function firstTokens(text: string, room: number) {
    const start = text.slice(0, 3 * room);
    const lines = start.length < text.length ? start.slice(0, start.lastIndexOf("\n") + 1) || start : text;
    const ids = encode(lines).slice(0, room);
    return { ids, text: tokenizer.decode(ids) };
  }
}

const count = (text: string) => text.split("\n").length - 1;

const without = (text: string, end: string) => text.slice(0, text.length - end.length);

/** Caches the results for the last thousand texts. */
function memoize<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const made = known.get(text) ?? make(text);
    known.delete(text);
    known.set(text, made);
    if (known.size > 1000) known.delete(known.keys().next().value!);
    return made;
  };
}
