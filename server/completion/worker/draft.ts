// The text of a completion as it grows token by token, up to a stop rule or to where the model is unsure.
import { confidenceOf, type TokenAt } from "../confidence";
import { firstLine } from "../lines";
import type { End, Written } from "../types";
import type { StopRule } from "./stop";

export interface Draft {
  /** Adds a token: its text, and whether it is the model's end token. Returns whether the completion is over. */
  push(piece: string, logProbability: number, isEnd: boolean): boolean;
  /** The completion so far. */
  written(): Written;
}

/** The model's text begins with `healedPrefix`, which stands left of the caret. */
export function createDraft(healedPrefix: string, stopAt: StopRule, least: number): Draft {
  const tokens: TokenAt[] = [];
  let [all, text] = ["", ""];
  let end: End = "stopped";
  /** How far beyond the first line a token may begin that is the line's end, and so belongs to it. */
  let beyond = 1;

  function over(how: End, at = text.length): true {
    [text, end] = [text.slice(0, at), how];
    return true;
  }

  return {
    push(piece, logProbability, isEnd) {
      const at = all.length - healedPrefix.length;
      all += piece;
      tokens.push({ at, logProbability });
      if (isEnd) return over("joined");
      if (all.length < healedPrefix.length) return false;
      text = all.slice(healedPrefix.length);
      const stop = stopAt(text);
      if (stop?.joins) beyond = 0;
      if (stop) return over(stop.joins ? "joined" : "stopped", stop.at);
      const start = at > 0 ? text.lastIndexOf("\n", at - 1) + 1 : 0;
      if (confidenceOf(tokens, start, Infinity) >= least) return false;
      return start > 0 ? over("stopped", start - 1) : over("unsure");
    },
    written() {
      const first = end === "unsure" ? Infinity : firstLine(text).length + beyond;
      return { text, end, confidence: confidenceOf(tokens, 0, first), least };
    },
  };
}
