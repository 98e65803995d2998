// What the model reads: where the text stands, what is left of the caret and, for a model that can fill in the middle,
// what is right of it. It is cut so that one keystroke changes its end and nothing else, for the rest is cached.
import type { FillInMiddle, Tokenizer } from "../../engine";
import type { PromptPiece } from "../../protocol";
import { blocks } from "./blocks";
import { lineComment } from "./comments";
import type { Source } from "./types";

export interface Layout {
  ids: number[];
  pieces: PromptPiece[];
  /** Blanks left of the caret that the prompt lacks, for models write them with the word that follows: to be expected first. */
  owed: string;
}

export type LayOut = (source: Source, budget: number) => Layout;

/** Of the budget, where there is a suffix at all: it is read anew at each keystroke. */
const suffixShare = 1 / 8;
const markers = 8;

type Part = Omit<PromptPiece, "tokens"> & { ids: number[] };

export function createLayout(tokenizer: Tokenizer, form: FillInMiddle | undefined): LayOut {
  const encode = remember((text) => tokenizer.encode(text, { continues: true }));

  return ({ uri, path, languageId, line, prefix, suffix }, budget) => {
    const header = lineComment(languageId, path);
    const parts: Part[] = [];
    if (header) parts.push({ kind: "path", text: `${header}\n`, ids: tokenizer.encode(`${header}\n`) });

    const after = form ? firstTokens(suffix, Math.floor(budget * suffixShare)) : { text: "", ids: [] };
    const room = budget - markers - (parts[0]?.ids.length ?? 0) - after.ids.length;
    const { owed, ...before } = lastTokens(prefix, room);
    const firstLine = Math.max(0, line - count(before.text));
    parts.push({ kind: "prefix", origin: { uri, firstLine, lastLine: line }, ...before });
    if (after.ids.length)
      parts.push({ kind: "suffix", origin: { uri, firstLine: line, lastLine: line + count(after.text) }, ...after });

    const left = parts.flatMap(({ kind, ids }) => (kind === "suffix" ? [] : ids));
    const start = tokenizer.addBos ? [tokenizer.bos!] : [];
    const ids = form ? form.layout({ prefix: left, suffix: after.ids }) : [...start, ...left];
    return { ids, owed, pieces: piecesOf(ids, parts, (ids) => tokenizer.decode(ids, { special: true })) };
  };

  /** Its end, from one of the borders on that typing does not move. */
  function lastTokens(text: string, room: number) {
    for (const size of [room, room >> 2, room >> 4]) {
      const [last, ...earlier] = blocks(text, Math.max(size, 16)).reverse();
      const end = encodeEnd(last);
      const kept = [end.ids];
      let [tokens, from] = [end.ids.length, text.length - last.length];
      for (const block of earlier) {
        const ids = encode(block);
        if (tokens + ids.length > room) break;
        kept.unshift(ids);
        tokens += ids.length;
        from -= block.length;
      }
      if (tokens <= room && (from === 0 || tokens > room / 2))
        return { ids: kept.flat(), text: text.slice(from, text.length - end.owed.length), owed: end.owed };
    }
    const { ids, owed } = encodeEnd(text.slice(-8 * room));
    const kept = ids.slice(-room);
    return { ids: kept, text: tokenizer.decode(kept), owed };
  }

  /** Most tokenizers join the last blank to the word after it; a prompt that ends in the blank leads the model astray. */
  function encodeEnd(text: string): { ids: number[]; owed: string } {
    if (!/[ \t]$/.test(text)) return { ids: encode(text), owed: "" };
    const probe = tokenizer.encode(`${text}x`, { continues: true });
    const word = Buffer.from(tokenizer.piece(probe.pop()!)).toString();
    const owed = /^[ \t]*(?=x$)/.exec(word)?.[0];
    return owed === undefined ? { ids: encode(text), owed: "" } : { ids: probe, owed };
  }

  /** Its start, up to the end of a line where that is possible. */
  function firstTokens(text: string, room: number) {
    const start = text.slice(0, 4 * room);
    const lines = start.slice(0, start.lastIndexOf("\n", 3 * room) + 1) || start;
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

/** Of the last few hundred texts. */
function remember(encode: (text: string) => number[]): (text: string) => number[] {
  const known = new Map<string, number[]>();
  return (text) => {
    const ids = known.get(text) ?? encode(text);
    known.delete(text);
    known.set(text, ids);
    if (known.size > 500) known.delete(known.keys().next().value!);
    return ids;
  };
}
