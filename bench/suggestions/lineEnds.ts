// Line ends: how often the rest of a line is written exactly, and how often it is right when it is shown.

import type { Engine } from "../../engine";
import { table } from "../results";
import { type Answer, isExact, isShownAs, share } from "./answers";
import { ask } from "./ask";
import { type Language, lineEnds, readPackages } from "./holes";
import type { Ranking } from "./indexes";

const count = 110;
const seed = 9;
const rankings: Record<Language, Ranking[]> = {
  "TypeScript, JavaScript": ["none", "random", "lexical"],
  Python: ["none", "lexical"],
};

export async function lineEndsSection(engine: Engine): Promise<string> {
  const rows: string[][] = [];
  for (const language of Object.keys(rankings) as Language[]) {
    const packages = await readPackages("report", language);
    const holes = lineEnds(packages, count, seed);
    for (const ranking of rankings[language])
      rows.push([
        `${language}, ${ranking}`,
        ...cells(await ask(engine, `line ends, ${language}`, packages, holes, ranking)),
      ]);
  }
  return `# Suggestions at line ends

The rest of a line from a place between two of its tokens on, ${count} lines for each language, of packages that nobody trained
or tuned on (bench/suggestions/packages.json), as many from each; comments too, closers alone not. The file itself is left out of the index. \`none\`: the file alone; \`random\`: as many
lines of other files, drawn by chance; \`lexical\`: as in the editor. All prompts may have as many tokens. Errors are about ± 5
points.

${table(["", "exact, all written", "`balanced`: right when shown", "shown", "`sure`: right when shown", "shown"], rows)}
`;
}

/** Exact of all that is written; right when shown, and the share that is, for `balanced` and `sure`. */
export function cells(answers: readonly Answer[]): string[] {
  return [
    share(answers.filter(isExact), answers),
    ...(["balanced", "sure"] as const).flatMap((show) => {
      const shown = answers.filter(isShownAs(show));
      return [share(shown.filter(isExact), shown), share(shown, answers)];
    }),
  ];
}
