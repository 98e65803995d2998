// Lays out the prompt: pieces of the workspace, the file's path, the text left of the caret and, for a model that can fill in
// the middle, the text right of it. The text is cut so that a keystroke changes only the end of the prompt and the rest stays
// in the KV cache.
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
import { blocks, stableEnd } from "../blocks";
import { onlyClosers } from "../brackets";
import { firstLine } from "../lines";
import type { CaretText, CompletionRequest } from "../types";
import { needsFillInMiddle } from "../wanted";
import { memoize } from "./memoize";
import { createPieces, type Part, type PiecePart } from "./pieces";

export interface Layout {
  ids: number[];
  pieces: PromptPiece[];
  /** What stands left of the caret and is not in the prompt: the model's text begins with it. */
  healedPrefix: string;
}

/** `budget` is the prompt's length in tokens, at most. */
export type LayOutPrompt = (request: Pick<CompletionRequest, "source" | "pieces" | "budget">) => Layout;

/** Shares of the budget, at most. That of the suffix is small because it is read again when the caret moves. */
const share = { pieces: 1 / 2, suffix: 1 / 8 };
/** Tokens reserved for those that mark the parts of the prompt. */
const markers = 8;

export function createLayout(tokenizer: Tokenizer, fillInMiddle: FillInMiddle | undefined): LayOutPrompt {
  const encode = (text: string) => tokenizer.encode(text, { continues: true });
  const length = memoize((text) => encode(text).length);
  const takePieces = createPieces(tokenizer, fillInMiddle);
  const start = control(...startOf(tokenizer));

  return ({ source, pieces, budget }) => {
    const { uri, path, languageId, line } = source;
    const origin = (firstLine: number, lastLine: number) => ({ uri, firstLine, lastLine });
    const title: Part = { kind: "path", text: path, ids: encode(path) };
    const header = pathHeader(path, languageId);
    const top: Part = { kind: "path", text: header, ids: tokenizer.encode(header) };
    const others = takePieces(pieces, Math.floor(budget * share.pieces));

    const form = formAt(source, fillInMiddle);
    const suffixRoom = Math.min(Math.floor(budget * share.suffix), form?.longestSuffix ?? Infinity);
    const right = form ? firstTokens(suffixOf(source, form), suffixRoom) : { text: "", ids: [] };
    const after: Part = { kind: "suffix", origin: origin(line, line + count(right.text)), ...right };

    const taken = others.reduce((sum, { tokens }) => sum + tokens, 0);
    const room = budget - markers - Math.max(title.ids.length, top.ids.length) - taken - right.ids.length;
    const { healedPrefix, ...left } = lastTokens(source.prefix, room);
    const before: Part = { kind: "prefix", origin: origin(Math.max(0, line - count(left.text)), line), ...left };

    const segments = segmentsOf(form, others, { title, top, before, after });
    const parts = segments
      .filter(({ ids }) => ids.length > 0)
      .map(({ ids, ...part }): PromptPiece => {
        if ("text" in part) return { ...part, tokens: ids.length };
        return { ...part, text: tokenizer.decode(ids, { special: true }), tokens: ids.length };
      });
    return { ids: idsOf(segments), healedPrefix, pieces: parts };
  };

  function segmentsOf(form: FillInMiddle | undefined, others: readonly PiecePart[], file: Record<FilePart, Part>) {
    const { title, top, before, after } = file;
    const texts = others.map(({ text }) => text);
    if (!form) return [start, ...texts, top, before];
    if (form.otherFiles === "prefix") return form.layout({ prefix: [...texts, top, before], suffix: [after] });
    const around = { prefix: [top, before], suffix: [after] };
    if (form.otherFiles === "before") return form.layout({ ...around, before: texts });
    return form.layout(others.length ? { path: title, files: others, prefix: [before], suffix: [after] } : around);
  }

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

type FilePart = "title" | "top" | "before" | "after";

const formAt = ({ suffix }: CaretText, form: FillInMiddle | undefined): FillInMiddle | undefined =>
  form?.withinLines && !needsFillInMiddle(suffix) ? undefined : form;

/**
 * Where the suffix comes first, it should not change while one types: the closers that editors insert right of the caret are
 * left out, and trimming sees to them.
 */
function suffixOf({ suffix }: CaretText, { orders }: FillInMiddle): string {
  const rest = firstLine(suffix);
  return orders[0] === "SPM" && onlyClosers(rest) ? suffix.slice(rest.length) : suffix;
}

const count = (text: string) => text.split("\n").length - 1;

const without = (text: string, end: string) => text.slice(0, text.length - end.length);
