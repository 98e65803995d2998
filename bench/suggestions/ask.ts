// Asks for suggestions at the holes of packages, with what is wanted of the workspace in the prompt.

import { resolve } from "node:path";
import { createSuggester } from "../../cli/suggester";
import type { Engine } from "../../engine";
import { fillSpans, type InfillSpan } from "../../engine/train/infill";
import { defaults } from "../../server/settings";
import { type Answer, answersTo } from "./answers";
import type { Hole, SourceFile } from "./holes";
import { indexOf, type Ranking } from "./indexes";

/** Whatever is written is shown, so that one run tells of every threshold. */
export const everything = { ...defaults, completions: { ...defaults.completions, show: "all" as const } };

/** `packages` are all files of the holes' packages, by package. */
export async function ask(
  engine: Engine,
  name: string,
  packages: readonly (readonly SourceFile[])[],
  holes: readonly Hole[],
  ranking: Ranking,
): Promise<Answer[]> {
  const suggesters = new Map<string, ReturnType<typeof createSuggester>>();
  for (const files of packages) {
    const [{ workspace }] = files;
    const index = await indexOf(files, ranking);
    suggesters.set(workspace, createSuggester(engine, resolve(workspace), index && { index }, everything));
  }
  return answersTo(`${name}, ${ranking}`, holes, ({ file, prefix, suffix }) =>
    suggesters.get(file.workspace)!({ path: file.path, prefix, suffix }),
  );
}

/** The gaps by the measure of the adapter's card: the model's form alone, 768 tokens, nothing trimmed. */
export function fill(
  engine: Engine,
  name: string,
  asked: readonly { hole: Hole; span: InfillSpan }[],
): Promise<Answer[]> {
  const { session, tokenizer, fillInMiddle } = engine;
  const spans = new Map(asked.map(({ hole, span }) => [hole, span]));
  return answersTo(
    `${name}, by the card's measure`,
    asked.map(({ hole }) => hole),
    async (hole) => {
      const started = performance.now();
      const span = spans.get(hole)!;
      const [text] = await fillSpans(session, tokenizer, fillInMiddle, [span]);
      const ms = Math.round(performance.now() - started);
      return { text, shown: true, confidence: 0, replaces: 0, pieces: [], ms };
    },
  );
}
