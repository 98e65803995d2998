// Chooses the pieces of the workspace that may stand in a prompt. The engine's worker takes those that there is room for.
import type { Settings } from "../../../protocol";
import { terms } from "../../workspace/index/terms";
import type { WorkspaceIndex } from "../../workspace/index/types";
import type { CaretText, ContextPiece } from "../types";
import { linesAfter } from "./after";
import { declarations, type FindDefinitions } from "./declarations";
import { type Edits, lastEdits } from "./edits";
import { similarCode } from "./similar";

export interface PieceSources {
  index: Pick<WorkspaceIndex, "search" | "declarations" | "passage">;
  /** Absent on the command line, where nothing is edited. */
  edits?: Edits;
  /** Absent where no editor can be asked. */
  definitions?: FindDefinitions;
}

export type PieceSwitches = Settings["completions"]["context"];

export interface ChooseOptions {
  switches: PieceSwitches;
  fillsInMiddle: boolean;
}

const most = 6;

/** Pieces for a prompt at this caret, the best first. */
export const choosePieces = async (
  source: CaretText,
  sources: PieceSources,
  options: ChooseOptions,
): Promise<ContextPiece[]> => select(await findPieces(source, sources, options), source);

/** What the sources find, the best first. */
export async function findPieces(
  source: CaretText,
  { index, edits, definitions }: PieceSources,
  { switches, fillsInMiddle }: ChooseOptions,
): Promise<ContextPiece[]> {
  const found = await Promise.all([
    switches.similar ? similarCode(source, index) : [],
    switches.declarations ? declarations(source, index, definitions) : [],
    switches.edits && edits ? lastEdits(source, index, edits) : [],
    switches.after && !fillsInMiddle ? linesAfter(source) : [],
  ]);
  return found.flat().sort((a, b) => b.choice.score - a.choice.score);
}

/** Leaves out what the text around the caret or a better piece has already. */
export function select(found: readonly ContextPiece[], { prefix, suffix }: CaretText): ContextPiece[] {
  const around = new Set(linesOf(prefix + suffix));
  const chosen: { piece: ContextPiece; words: ReadonlySet<string> }[] = [];
  for (const piece of found) {
    if (chosen.length === most) break;
    if (piece.choice.source !== "after" && isCopy(piece, around)) continue;
    const words = new Set(terms(piece.text));
    const again = chosen.some((other) => overlap(piece, other.piece) || share(words, other.words) > 0.8);
    if (!again) chosen.push({ piece, words });
  }
  return chosen.map(({ piece }) => piece);
}

/** Lines without indentation; those that stand everywhere, such as a bracket, do not count. */
const linesOf = (text: string) => text.split("\n").flatMap((line) => (line.trim().length > 3 ? line.trim() : []));

function isCopy({ text }: ContextPiece, around: ReadonlySet<string>): boolean {
  const lines = linesOf(text);
  return lines.filter((line) => around.has(line)).length >= 0.8 * lines.length;
}

const overlap = (a: ContextPiece, b: ContextPiece) =>
  a.uri === b.uri && a.firstLine <= b.lastLine && b.firstLine <= a.lastLine;

/** The share of the smaller set that the other one has. */
function share(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((word) => b.has(word)).length;
  return both / Math.max(1, Math.min(a.size, b.size));
}
