// A batch of places: lines of JSON in one file, a line of JSON with its answer in another. A line that is wrong gets an error,
// and the others are answered all the same.

import { writeWhole } from "../engine";
import { type Command, type ParsedArgs, required, UsageError } from "./command";
import { expectWritable, readText } from "./files";
import { progress } from "./terminal";

/** A caret in a file: what stands before it and after it. */
export interface Gap {
  /** "" where the file has no name. */
  path: string;
  prefix: string;
  suffix: string;
}

/** What was asked for a gap is wrong. */
export class GapError extends UsageError {}

export const batchOption = {
  batch: { type: "string", help: "lines of {id, path, prefix, suffix}; the path stands in a comment on top" },
} as const satisfies Command["options"];

export interface Batch {
  /** Answers every line, and writes the answers once all are there. Throws if a line was wrong. */
  answer(answer: (gap: Gap) => Promise<object>): Promise<void>;
}

/** The batch that --batch and --out name. What is wrong with the files is told before any work is done. */
export async function openBatch({ values }: ParsedArgs): Promise<Batch> {
  const [path, out] = [required(values, "batch"), required(values, "out")];
  await expectWritable(out, [path, values.model as string | undefined]);
  const lines = (await readText(path)).split("\n").map((line, i) => ({ line, number: i + 1 }));
  const asked = lines.filter(({ line }) => line.trim());
  return {
    async answer(answer) {
      let wrong = 0;
      await writeWhole({
        async [out](file) {
          for (const [i, { line, number }] of asked.entries()) {
            const answered = await answerTo(line, number, answer);
            if ("error" in answered) wrong++;
            await file.writeFile(`${JSON.stringify(answered)}\n`);
            progress(`${i + 1} of ${asked.length} lines done`);
          }
        },
      });
      if (wrong) throw new Error(`${wrong} of ${asked.length} lines could not be completed; ${out} says why`);
    },
  };
}

async function answerTo(line: string, number: number, answer: (gap: Gap) => Promise<object>) {
  let id: unknown = number;
  try {
    const request = parseLine(line);
    id = request.id ?? number;
    return { id, ...(await answer(gapOf(request))) };
  } catch (error) {
    if (error instanceof GapError) return { id, error: `line ${number}: ${error.message}` };
    throw error;
  }
}

function parseLine(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new GapError(`this is not JSON: ${(error as Error).message}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GapError(`expected {"prefix": "…"}, got ${shown(value)}`);
}

function gapOf(request: Record<string, unknown>): Gap {
  const { path = "", prefix = "", suffix = "" } = request;
  for (const [name, value] of Object.entries({ path, prefix, suffix }))
    if (typeof value !== "string") throw new GapError(`${name} should be a text, but is ${shown(value)}`);
  if (!prefix && !suffix) throw new GapError("prefix and suffix are empty; expected a text in one of them");
  return { path, prefix, suffix } as Gap;
}

const shown = (value: unknown) => JSON.stringify(value).slice(0, 80);
