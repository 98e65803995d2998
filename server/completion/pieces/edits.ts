// The last edits: where the user changed something, and what stands there now.
import { similarity } from "../../workspace/index/ranking";
import { terms } from "../../workspace/index/terms";
import type { WorkspaceIndex } from "../../workspace/index/types";
import { change, pointAt } from "../change";
import { lastLines } from "../lines";
import type { CaretText, ContextPiece } from "../types";
import { piecesOf } from "./candidate";

export interface Edits {
  /** A document was opened or changed. */
  changed(uri: string, text: string): void;
  closed(uri: string): void;
  /** The last edits, the newest first, as lines of the documents as they are now. */
  readonly recent: readonly Edit[];
}

export interface Edit {
  uri: string;
  firstLine: number;
  lastLine: number;
}

const kept = 12;
/** A longer text is not followed, since every change is found by comparing it whole. */
const longestText = 500_000;
/** Edits that are as near as that are one. */
const apart = 6;
/** A larger change comes from a tool. */
const largest = 40;

export function createEdits(): Edits {
  const texts = new Map<string, string>();
  let recent: Edit[] = [];

  return {
    get recent() {
      return recent;
    },
    changed(uri, text) {
      const last = texts.get(uri);
      texts.set(uri, text);
      if (last === undefined || last === text || Math.max(last.length, text.length) > longestText) return;
      const { firstLine, lastLine, below, inserted } = changedLines(last, text);
      recent = recent.map((edit) => (edit.uri === uri ? moved(edit, below, inserted) : edit));
      if (lastLine - firstLine > largest) return;
      const isNear = (edit: Edit) =>
        edit.uri === uri && firstLine <= edit.lastLine + apart && lastLine >= edit.firstLine - apart;
      const joined = [{ uri, firstLine, lastLine }, ...recent.filter(isNear)];
      const newest = {
        uri,
        firstLine: Math.min(...joined.map(({ firstLine }) => firstLine)),
        lastLine: Math.max(...joined.map(({ lastLine }) => lastLine)),
      };
      recent = [newest, ...recent.filter((edit) => !isNear(edit))].slice(0, kept);
    },
    closed(uri) {
      texts.delete(uri);
    },
  };
}

/** The lines that differ, in the new text; and how many lines were inserted below which line of the old one. */
function changedLines(last: string, text: string) {
  const { start, oldEnd, newEnd } = change(last, text);
  const [from, oldTo, to] = [pointAt(text, start), pointAt(last, oldEnd), pointAt(text, newEnd)];
  const lastLine = to.column === 0 && newEnd > start ? to.row - 1 : to.row; // a line's end belongs to that line
  return { firstLine: from.row, lastLine, below: oldTo.row, inserted: to.row - oldTo.row };
}

/** An edit below a line where `by` lines were inserted. */
const moved = (edit: Edit, below: number, by: number): Edit =>
  edit.firstLine > below ? { ...edit, firstLine: edit.firstLine + by, lastLine: edit.lastLine + by } : edit;

const most = 3;
const leastScore = 0.3;
/** Lines before the caret that are compared. */
const compared = 12;
/** Lines of an edit, those around it included. */
const [above, longest] = [2, 16];

/** Edits of other documents that have words of the text before the caret. */
export const lastEdits = (
  { uri, prefix }: CaretText,
  { passage }: Pick<WorkspaceIndex, "passage">,
  { recent }: Edits,
): Promise<ContextPiece[]> =>
  piecesOf("edits", async () => {
    const wanted = terms(lastLines(prefix, compared));
    const others = recent.filter((edit) => edit.uri !== uri);
    const chunks = await Promise.all(
      others.map(({ uri, firstLine, lastLine }) => {
        const first = Math.max(0, firstLine - above);
        return passage(uri, { firstLine: first, lastLine: Math.min(lastLine + above, first + longest - 1) });
      }),
    );
    const found = chunks.flatMap((chunk) =>
      chunk ? { chunk, why: "changed lately", score: likeness(wanted, chunk.text) } : [],
    );
    return found.filter(({ score }) => score >= leastScore).slice(0, most);
  });

/** As the index ranks, with words that all weigh the same. */
function likeness(wanted: readonly string[], text: string): number {
  const there = new Set(terms(text));
  const common = wanted.filter((term) => there.has(term)).length;
  return similarity(common, wanted.length, there.size);
}
