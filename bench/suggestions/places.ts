// Hand-written places in eight languages (bench/fixtures/places.txt): what is suggested there, which one judges by eye. A
// judgement holds for a text at a place, so it is asked for again when another text is written.

import { readFile } from "node:fs/promises";
import { createSuggester } from "../../cli/suggester";
import { type Engine, languageOf } from "../../engine";
import { table } from "../results";
import { type Answer, answersTo, isShownAs } from "./answers";
import { everything } from "./ask";
import type { Hole } from "./holes";

/** `fair`: it can be used after a correction, or says less than the right answer. */
type Judgement = "right" | "fair" | "wrong";

/** The places as holes; the truth of each tells in words what is right. */
async function readPlaces(): Promise<Hole[]> {
  const text = await readFile("bench/fixtures/places.txt", "utf8");
  return text
    .split(/^=== /m)
    .slice(1)
    .map((place) => {
      const [, id, content, truth] = /^(.*)\n([\s\S]*)\n--- (.*)\n$/.exec(place)!;
      const [prefix, suffix] = content.split("‸");
      const path = id.slice(id.indexOf("/") + 1);
      const file = { workspace: "", path, languageId: languageOf(path)!, text: prefix + suffix };
      return { id, file, prefix, suffix: `${suffix}\n`, truth };
    });
}

const judgements = "bench/suggestions/judgements.json";

/** By place, and there by the text that was written. */
type Judgements = Record<string, Record<string, Judgement>>;

export async function placesSection(engine: Engine): Promise<string> {
  const suggest = createSuggester(engine, "/", undefined, everything);
  const answers = await answersTo("places", await readPlaces(), ({ file: { path }, prefix, suffix }) =>
    suggest({ path, prefix, suffix }),
  );
  const isShown = isShownAs("balanced");
  const judged: Judgements = JSON.parse(await readFile(judgements, "utf8"));
  const judgementOf = ({ id, text }: Answer): Judgement | undefined => judged[id]?.[text];
  for (const answer of answers.filter((answer) => !judgementOf(answer)))
    console.log(`${answer.id} is to be judged: ${JSON.stringify(answer.text)}; right is ${answer.truth}`);

  const rows = [...new Set(answers.map(languageOfPlace))].map((language) => {
    const all = answers.filter((answer) => languageOfPlace(answer) === language);
    const shown = all.filter(isShown);
    const count = (of: readonly Answer[], judgement: Judgement | undefined) =>
      String(of.filter((answer) => judgementOf(answer) === judgement).length);
    return [
      language,
      ...(["right", "fair", "wrong", undefined] as const).map((judgement) => count(all, judgement)),
      String(shown.length),
      ...(["right", "wrong"] as const).map((judgement) => count(shown, judgement)),
    ];
  });
  const wrong = answers.filter((answer) => judgementOf(answer) === "wrong");
  const list = (of: readonly Answer[]) => of.map(({ id, text }) => `${id} \`${oneLine(text)}\``).join(", ") || "none";
  return `# Suggestions at places written by hand

Ten places in each language (bench/fixtures/places.txt), without a workspace, judged by eye: \`fair\` can be used after a correction.

${table(["", "right", "fair", "wrong", "not judged", "shown (`balanced`)", "of these right", "wrong"], rows)}

Wrong and shown: ${list(wrong.filter(isShown))}.
Wrong and not shown: ${list(wrong.filter((answer) => !isShown(answer)))}.
`;
}

const oneLine = (text: string) => text.replaceAll("\n", "⏎").replaceAll("`", "'");
const languageOfPlace = ({ id }: Answer) => id.slice(0, id.indexOf("/"));
