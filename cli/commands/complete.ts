import { type Engine, generateText, idsOf, pathHeader, type Sampling, startOf, writeWhole } from "../../engine";
import {
  type Command,
  type Given,
  modelOptions,
  numberOf,
  positiveOf,
  required,
  UsageError,
  withEngine,
} from "../command";
import { expectWritable, readStdin, readText } from "../files";
import { progress, visible } from "../terminal";

export const complete: Command = {
  summary: "Continue a prefix, or fill the gap before a suffix where the model can.",
  usage: "[--prefix-file A] [--suffix-file B] | --batch IN.jsonl --out OUT.jsonl",
  options: {
    "prefix-file": { type: "string", help: "what stands before the gap (stdin where not given)" },
    "suffix-file": { type: "string", help: "what stands after the gap" },
    batch: { type: "string", help: "lines of {id, path, prefix, suffix}; the path stands in a comment on top" },
    out: {
      type: "string",
      help: "lines of {id, completion, tokens, ms}, or of {id, error}; without an id, its line number",
    },
    "max-tokens": { type: "string", help: "the most tokens to write (64)" },
    lines: { type: "string", help: "stop at the end of that many lines" },
    stop: { type: "string", multiple: true, help: "stop before this text; may be given more than once" },
    temperature: { type: "string", help: "0 takes the most probable token (0)" },
    seed: { type: "string", help: "the same seed gives the same text (0)" },
    ...modelOptions,
  },
  run: (given) => (given.values.batch === undefined ? single(given) : batch(given)),
};

async function single(given: Given) {
  const { "prefix-file": before, "suffix-file": after, out } = given.values as Record<string, string | undefined>;
  if (out !== undefined) throw new UsageError("--out belongs to --batch; a single completion goes to stdout");
  const options = optionsOf(given);
  const gap = {
    prefix: before === undefined ? await readStdin() : await readText(before),
    suffix: after === undefined ? "" : await readText(after),
  };
  const { completion } = await withEngine(given, (engine) => fill(engine, gap, options));
  process.stdout.write(process.stdout.isTTY ? visible(completion) : completion);
}

async function batch(given: Given) {
  const [path, out] = [required(given.values, "batch"), required(given.values, "out")];
  const options = optionsOf(given);
  await expectWritable(out, [path, given.values.model as string | undefined]);
  const lines = (await readText(path)).split("\n").map((line, i) => ({ line, number: i + 1 }));
  const asked = lines.filter(({ line }) => line.trim());
  const wrong = await withEngine(given, async (engine) => {
    expectRoom(engine, options);
    let wrong = 0;
    await writeWhole({
      async [out](file) {
        for (const [i, { line, number }] of asked.entries()) {
          const answer = await answerTo(line, number, (gap) => fill(engine, gap, options));
          if ("error" in answer) wrong++;
          await file.writeFile(`${JSON.stringify(answer)}\n`);
          progress(`${i + 1} of ${asked.length} lines done`);
        }
      },
    });
    return wrong;
  });
  if (wrong) throw new Error(`${wrong} of ${asked.length} lines could not be completed; ${out} says why`);
}

/** The output for a line of a batch. A line that is wrong gets an error, and the others are completed all the same. */
async function answerTo(line: string, number: number, fill: (gap: Gap) => Promise<Filled>) {
  let id: unknown = number;
  try {
    const given = parseLine(line);
    id = given.id ?? number;
    return { id, ...(await fill(gapOf(given))) };
  } catch (error) {
    if (error instanceof GapError) return { id, error: `line ${number}: ${error.message}` };
    throw error;
  }
}

/** The input of a completion is wrong. */
class GapError extends UsageError {}

function parseLine(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new GapError(`it is not JSON: ${(error as Error).message}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GapError(`expected {"prefix": "…"}, got ${shown(value)}`);
}

function gapOf(given: Record<string, unknown>): Gap {
  const { path = "", prefix = "", suffix = "" } = given;
  for (const [name, value] of Object.entries({ path, prefix, suffix }))
    if (typeof value !== "string") throw new GapError(`${name} should be a text, but is ${shown(value)}`);
  if (!prefix && !suffix) throw new GapError("prefix and suffix are empty; expected a text in one of them");
  return { path, prefix, suffix } as Gap;
}

const shown = (value: unknown) => JSON.stringify(value).slice(0, 80);

interface Gap {
  path?: string;
  prefix: string;
  suffix: string;
}

interface FillOptions {
  maxTokens: number;
  /** 0: no limit. */
  lines: number;
  stopStrings: string[];
  sampling: Sampling;
}

function optionsOf({ values }: Given): FillOptions {
  return {
    maxTokens: numberOf(values, "max-tokens", 64),
    lines: numberOf(values, "lines", 0),
    stopStrings: (values.stop as string[] | undefined) ?? [],
    sampling: { temperature: positiveOf(values, "temperature", 0), seed: numberOf(values, "seed", 0) },
  };
}

/** Tokens of the context that are reserved for those that mark the parts of a prompt. */
const markers = 8;

/** The largest number of tokens in a prompt. Throws UsageError if there is no room for one. */
function expectRoom({ session: { context } }: Engine, { maxTokens }: FillOptions): number {
  const room = context - maxTokens - markers;
  if (room > 0) return room;
  throw new UsageError(`--max-tokens ${maxTokens} leaves no room for a prompt; the context holds ${context} tokens`);
}

interface Filled {
  completion: string;
  tokens: number;
  ms: number;
}

/** Completes the gap. If the prefix does not fit into the prompt, its end is used. */
async function fill(engine: Engine, { path = "", ...gap }: Gap, options: FillOptions): Promise<Filled> {
  const { session, tokenizer, fillInMiddle } = engine;
  const { maxTokens, lines, stopStrings, sampling } = options;
  const start = performance.now();
  const room = expectRoom(engine, options);
  const prefix = tokenizer.encode(pathHeader(path) + gap.prefix);
  const suffix = tokenizer.encode(gap.suffix, { continues: true });
  const kept = suffix.slice(0, room >> 1);
  const prompt = idsOf(
    fillInMiddle && kept.length
      ? fillInMiddle.layout({ prefix: [{ ids: prefix.slice(-(room - kept.length)) }], suffix: [{ ids: kept }] })
      : [{ ids: startOf(tokenizer) }, { ids: prefix.slice(-room) }],
  );

  if (!prompt.length) throw new GapError("the prefix is empty; expected a text to continue");

  let completion = "";
  for await (const piece of generateText({ session, tokenizer }, prompt, { maxTokens, sampling, stopStrings })) {
    completion += piece;
    const end = endOfLine(completion, lines);
    if (end === undefined) continue;
    completion = completion.slice(0, end);
    break;
  }
  const tokens = session.cached.length - (prompt.length - 1);
  return { completion, tokens, ms: Math.round(performance.now() - start) };
}

/** The offset at which the given number of lines ends in `text`; undefined if it has fewer, or without a limit. */
function endOfLine(text: string, lines: number): number | undefined {
  const ends = [...text.matchAll(/\n/g)];
  return lines ? ends[lines - 1]?.index : undefined;
}
