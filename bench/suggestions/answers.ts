// What is suggested at holes, kept on the disk as it comes: a run that was stopped goes on, and what was measured once of a
// build is not measured again.

import { createHash } from "node:crypto";
import { appendFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Suggestion } from "../../cli/suggester";
import { leastConfidence } from "../../server/completion/confidence";
import { defaults } from "../../server/settings";
import type { Hole } from "./holes";

export interface Answer extends Suggestion {
  id: string;
  truth: string;
  /** Whether the file is as it was in truth, once the text is in it. */
  exact: boolean;
  /** The confidence that it takes to be shown, by how sure the editor should be. */
  least: Record<"sure" | "balanced", number>;
}

/** Asks for a suggestion at every hole. `name` tells the answers from those to other questions about the same holes. */
export async function answersTo(
  name: string,
  holes: readonly Hole[],
  suggest: (hole: Hole) => Promise<Suggestion>,
): Promise<Answer[]> {
  const folder = join(".cache/bench/suggestions", await version());
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.jsonl`);
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n").filter(Boolean);
  const known = new Map(lines.map((line): [string, Answer] => [JSON.parse(line).id, JSON.parse(line)]));
  const answers: Answer[] = [];
  for (const [i, hole] of holes.entries()) {
    const answer = known.get(hole.id) ?? answerOf(hole, await suggest(hole));
    if (!known.has(hole.id)) await appendFile(path, `${JSON.stringify(answer)}\n`);
    answers.push(answer);
    if ((i + 1) % 10 === 0)
      console.log(`${name}: ${i + 1} of ${holes.length}, ${share(answers.filter(isExact), answers)} exact`);
  }
  return answers;
}

function answerOf({ id, truth, suffix }: Hole, suggestion: Suggestion): Answer {
  const exact = suggestion.text + suffix.slice(suggestion.replaces) === truth + suffix;
  return { id, truth, exact, least: leastOf(suffix, suggestion), ...suggestion };
}

export const isExact = ({ exact }: Answer) => exact;

function leastOf(suffix: string, { text }: Suggestion): Answer["least"] {
  const least = (show: "sure" | "balanced") =>
    leastConfidence({ ...defaults, completions: { ...defaults.completions, show } }, { suffix }, false);
  const inWord = /[\p{L}\p{N}_$]$/u.test(text) && /^[\p{L}\p{N}_$]/u.test(suffix); // for which more is asked
  return { sure: least("sure"), balanced: least(inWord ? "sure" : "balanced") };
}

/** Whether the editor shows it with this setting. */
export const isShownAs =
  (show: "sure" | "balanced") =>
  ({ shown, confidence, least }: Answer) =>
    shown && confidence >= least[show];

/** In per cent. */
export const share = (part: readonly unknown[], whole: readonly unknown[]): string =>
  whole.length ? `${((100 * part.length) / whole.length).toFixed(1)} %` : "–";

let known: Promise<string> | undefined;

/** Of all that the answers depend on: the code, the kernels and the models. */
function version(): Promise<string> {
  known ??= (async () => {
    const hash = createHash("sha256");
    const models = (await readdir("models"))
      .filter((name) => name.endsWith(".gguf"))
      .map((name) => join("models", name));
    for (const file of ["dist/bench/suggestions.js", "dist/kernels.wasm", ...models]) hash.update(await readFile(file));
    return hash.digest("hex").slice(0, 12);
  })();
  return known;
}
