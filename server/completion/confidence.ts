// How sure the model must be of a line for the line to be shown.
import type { Settings } from "../../protocol";
import { onlyClosers } from "./brackets";
import { firstLine } from "./lines";
import type { CaretText } from "./types";

type Show = Settings["completions"]["show"];

/**
 * The lowest confidence by the setting `completions.show`, chosen with `npm run bench -- suggestions tune` on packages that no
 * report is made of. Of 71 line ends with their workspace, `balanced` shows 41 %, two in three of them right, and `sure` 21 %,
 * four in five of them right. Within lines, where a text must join what stands right of it, less is asked: of 40 gaps
 * `balanced` shows 43 % and `sure` 38 %, all but one of them right. On 340 holes in the same packages, with the open file alone
 * in the prompt, the log-probability of the line tells right from wrong better than its mean, its least probable token or its
 * length (area under the curve .95 within lines, .90 at line ends).
 */
export const thresholds: Record<"lineEnd" | "withinLine", Record<Show, number>> = {
  lineEnd: { sure: -0.7, balanced: -1.5, all: -Infinity },
  withinLine: { sure: -1.4, balanced: -3, all: -Infinity },
};

/** What the user asks for is shown however unsure it is. */
export function leastConfidence(
  { completions: { show } }: Settings,
  { suffix }: Pick<CaretText, "suffix">,
  invoked: boolean,
): number {
  return invoked ? -Infinity : thresholds[onlyClosers(firstLine(suffix)) ? "lineEnd" : "withinLine"][show];
}

export interface TokenAt {
  /** The offset in the completion's text at which the token begins; negative left of the caret. */
  at: number;
  logProbability: number;
}

/** The confidence of a line of the completion: from offset `start`, or from the first token for 0, up to `end`. */
export const confidenceOf = (tokens: readonly TokenAt[], start: number, end: number): number =>
  tokens.reduce((sum, { at, logProbability }) => ((at >= start || !start) && at < end ? sum + logProbability : sum), 0);
