// Gaps within a line: how often what is missing is written exactly, by the measure of the adapter's card and in the product.

import type { Engine } from "../../engine";
import { table } from "../results";
import { isExact, share } from "./answers";
import { ask, fill } from "./ask";
import { gaps, readPackages } from "./holes";
import { cells } from "./lineEnds";

const count = 150;
const seed = 9;

export async function gapsSection(engine: Engine): Promise<string> {
  const packages = [
    ...(await readPackages("report", "TypeScript, JavaScript")),
    ...(await readPackages("report", "Python")),
  ];
  const asked = gaps(packages, count, seed);
  const holes = asked.map(({ hole }) => hole);
  const filled = await fill(engine, "gaps", asked);
  const rows: string[][] = [
    ["the model alone, 768 tokens, as in its card", share(filled.filter(isExact), filled), "", "", "", ""],
  ];
  for (const ranking of ["none", "lexical"] as const)
    rows.push([`the product, ${ranking}`, ...cells(await ask(engine, "gaps", packages, holes, ranking))]);
  return `# Suggestions in gaps

A random span within a line is taken out (${count}, of the packages for line ends, drawn from all their lines).

${table(["", "exact, all written", "`balanced`: right when shown", "shown", "`sure`: right when shown", "shown"], rows)}
`;
}
