// How confidence tells right from wrong on the packages for tuning, by which the thresholds of server/completion are chosen.

import type { Engine } from "../../engine";
import { table } from "../results";
import { isExact, share } from "./answers";
import { ask } from "./ask";
import { gaps, type Hole, type Language, lineEnds, readPackages, type SourceFile } from "./holes";
import type { Ranking } from "./indexes";
import { curve, type Point, widest } from "./thresholds";

const seed = 5;
const counts = { lineEnds: 48, gaps: 48 };

export async function tune(engine: Engine): Promise<string> {
  const parts: string[] = [];
  const both: SourceFile[][] = [];
  for (const language of ["TypeScript, JavaScript", "Python"] as Language[]) {
    const packages = await readPackages("tuning", language);
    both.push(...packages);
    const holes = lineEnds(packages, counts.lineEnds, seed);
    for (const ranking of ["lexical", "none"] as const)
      parts.push(await part(`line ends, ${language}`, packages, holes, ranking));
  }
  const holes = gaps(both, counts.gaps, seed).map(({ hole }) => hole);
  parts.push(await part("gaps", both, holes, "lexical"));
  return parts.join("\n\n");

  async function part(name: string, packages: readonly SourceFile[][], holes: readonly Hole[], ranking: Ranking) {
    const answers = await ask(engine, `tuning, ${name}`, packages, holes, ranking);
    const points = curve(answers);
    const at = (percent: number) => points.filter(({ shown }) => shown <= percent / 100).at(-1);
    const rows = [
      ...[90, 80, 70, 60, 50, 40, 30].map((percent) => [`the surest ${percent} % of all`, ...cellsOf(at(percent))]),
      ...[60, 62, 75, 88].map((percent) => [`${percent} % right`, ...cellsOf(widest(points, percent / 100))]),
    ];
    const exact = `${answers.length} holes, ${share(answers.filter(isExact), answers)} exact`;
    return `${name}, ${ranking}: ${exact}\n${table(["", "threshold", "shown", "right"], rows)}`;
  }
}

const cellsOf = (point: Point | undefined): string[] =>
  point
    ? [point.threshold.toFixed(2), `${(100 * point.shown).toFixed(1)} %`, `${(100 * point.right).toFixed(1)} %`]
    : ["–", "–", "–"];
