// Lays out the prompt: the file's path, the text left of the caret and, for a model that can fill in the middle, the text
// right of it. The text is cut so that a keystroke changes only the end of the prompt and the rest stays in the KV cache.
import { encodeUnfinished, type FillInMiddle, pathHeader, type Tokenizer } from "../../../engine";
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

type Part = Omit<PromptPiece, "tokens"> & { ids: number[] };

export function createLayout(tokenizer: Tokenizer, fillInMiddle: FillInMiddle | undefined): LayOutPrompt {
  const encode = (text: string) => tokenizer.encode(text, { continues: true });
  const length = memoize((text) => encode(text).length);

  return ({ uri, path, languageId, line, prefix, suffix }, budget) => {
    const form = fillInMiddle?.withinLines && !needsFillInMiddle(suffix) ? undefined : fillInMiddle;
    const header = pathHeader(path, languageId);
    const parts: Part[] = [];
    if (header) parts.push({ kind: "path", text: header, ids: tokenizer.encode(header) });

    const after = form ? firstTokens(suffix, Math.floor(budget * suffixShare)) : { text: "", ids: [] };
    const room = budget - markers - (parts[0]?.ids.length ?? 0) - after.ids.length;
    const { healedPrefix, ...before } = lastTokens(prefix, room);
    const firstLine = Math.max(0, line - count(before.text));
    parts.push({ kind: "prefix", origin: { uri, firstLine, lastLine: line }, ...before });
    if (after.ids.length)
      parts.push({ kind: "suffix", origin: { uri, firstLine: line, lastLine: line + count(after.text) }, ...after });

    const left = parts.flatMap(({ kind, ids }) => (kind === "suffix" ? [] : ids));
    const start = tokenizer.addBos ? [tokenizer.bos!] : [];
    const ids = form ? form.layout({ prefix: left, suffix: after.ids }) : [...start, ...left];
    return { ids, healedPrefix, pieces: piecesOf(ids, parts, (ids) => tokenizer.decode(ids, { special: true })) };
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

/** The parts as they stand in the prompt, with what the model's form put between them. */
function piecesOf(ids: number[], parts: Part[], decode: (ids: number[]) => string): PromptPiece[] {
  const pieces: PromptPiece[] = [];
  const left = parts.filter(({ ids }) => ids.length);
  for (let at = 0; at < ids.length; ) {
    const found = left.findIndex((part) => part.ids.every((id, i) => ids[at + i] === id));
    if (found >= 0) {
      const [{ ids: own, ...part }] = left.splice(found, 1);
      pieces.push({ ...part, tokens: own.length });
      at += own.length;
    } else {
      const last = pieces.at(-1);
      const text = decode([ids[at++]]);
      if (last?.kind === "control") Object.assign(last, { text: last.text + text, tokens: last.tokens + 1 });
      else pieces.push({ kind: "control", text, tokens: 1 });
    }
  }
  return pieces;
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
