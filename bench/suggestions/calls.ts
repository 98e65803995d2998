// Whether what is found in the workspace holds the declaration of the function that is called next: recall@5, by ranking.

import { resolve } from "node:path";
import type { FolderIndex } from "../../cli/indexFolder";
import { caretText } from "../../cli/suggester";
import { choosePieces } from "../../server/completion/pieces/choose";
import { defaults } from "../../server/settings";
import { table } from "../results";
import { type Language, lineEnds, readPackages } from "./holes";
import { indexOf } from "./indexes";
import { callsIn, isFound } from "./recall";

const seed = 9;
/** Line ends that are looked at; few of them call a function of another file. */
const count = 6000;
const limit = 5;
const switches = defaults.completions.context;

export async function callsSection(): Promise<string> {
  const rows: string[][] = [];
  for (const language of ["TypeScript, JavaScript", "Python"] as Language[]) {
    const packages = await readPackages("report", language);
    const holes = lineEnds(packages, count, seed);
    let all = 0;
    const found = { random: 0, lexical: 0, pieces: 0 };
    for (const files of packages) {
      const of = holes.filter(({ file }) => file.workspace === files[0].workspace);
      const calls = callsIn(of, files);
      all += calls.length;
      const [random, lexical] = [(await indexOf(files, "random"))!, (await indexOf(files, "lexical"))!];
      for (const call of calls) {
        const source = caretText({ ...call.hole, path: call.hole.file.path }, resolve(call.hole.file.workspace));
        const query = { ...source, before: source.prefix };
        const chunks = async (index: FolderIndex) => (await index.search(query, limit)).map(({ chunk }) => chunk);
        if (isFound(call, await chunks(random))) found.random++;
        if (isFound(call, await chunks(lexical))) found.lexical++;
        const pieces = await choosePieces(source, { index: lexical }, { switches, fillsInMiddle: true });
        if (isFound(call, pieces.slice(0, limit))) found.pieces++;
      }
    }
    const percent = (part: number) => `${((100 * part) / all).toFixed(1)} %`;
    rows.push([language, String(all), ...[found.random, found.lexical, found.pieces].map(percent)]);
  }
  return `# Recall of the function that is called next

Line ends whose truth calls a function, class or constructor that another file of the package declares, and not their own: whether one
of the ${limit} best chunks, with the lines after it, holds the declaration. \`pieces\`: those that are chosen for the prompt, declarations
among them.

${table(["", "calls", "random", "lexical", "pieces"], rows)}
`;
}
