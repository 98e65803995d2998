import { createReadStream, createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { type Engine, generateText, type Sampling } from "../../engine";
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

export const complete: Command = {
  summary: "Continue a prefix, or fill the place before a suffix where the model can.",
  usage: "[--prefix-file A] [--suffix-file B] | --batch IN.jsonl --out OUT.jsonl",
  options: {
    "prefix-file": { type: "string", help: "what stands before the place (stdin where not given)" },
    "suffix-file": { type: "string", help: "what stands after the place" },
    batch: { type: "string", help: "lines of {id, path, prefix, suffix}" },
    out: { type: "string", help: "lines of {id, completion, tokens, ms}, one for each of the batch" },
    "max-tokens": { type: "string", help: "the most tokens to write (64)" },
    lines: { type: "string", help: "stop at the end of that many lines" },
    stop: { type: "string", multiple: true, help: "stop before this text; may be given more than once" },
    temperature: { type: "string", help: "0 takes the most probable token (0)" },
    seed: { type: "string", help: "the same seed gives the same text (0)" },
    ...modelOptions,
  },
  run: (given) => withEngine(given, (engine) => (given.values.batch ? batch(engine, given) : single(engine, given))),
};

async function single(engine: Engine, given: Given) {
  const { values } = given;
  const prefix = values["prefix-file"]
    ? await readFile(values["prefix-file"] as string, "utf8")
    : await text(process.stdin);
  const suffix = values["suffix-file"] ? await readFile(values["suffix-file"] as string, "utf8") : "";
  const { completion } = await fill(engine, { prefix, suffix }, optionsOf(given));
  process.stdout.write(completion);
}

async function batch(engine: Engine, given: Given) {
  const out = createWriteStream(required(given.values, "out"));
  const lines = createInterface({ input: createReadStream(required(given.values, "batch")), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    number++;
    if (!line.trim()) continue;
    const { id, path, prefix, suffix } = parseLine(line, number);
    out.write(`${JSON.stringify({ id, ...(await fill(engine, { path, prefix, suffix }, optionsOf(given))) })}\n`);
    if (process.stderr.isTTY) process.stderr.write(`\r${number} done`);
  }
  out.end();
  await finished(out);
}

function parseLine(line: string, number: number): CompletionPlace & { id: unknown } {
  try {
    const { id, path, prefix = "", suffix = "" } = JSON.parse(line);
    return { id, path, prefix, suffix };
  } catch (error) {
    throw new UsageError(`line ${number} of the batch is not JSON: ${(error as Error).message}`);
  }
}

interface CompletionPlace {
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

/** What the model writes into the place. The prompt keeps the end of the prefix where not all of it fits. */
async function fill(
  { session, tokenizer, fillInMiddle }: Engine,
  place: CompletionPlace,
  { maxTokens, lines, stopStrings, sampling }: FillOptions,
) {
  const start = performance.now();
  const room = session.context - maxTokens - 8;
  const prefix = tokenizer.encode(place.prefix);
  const suffix = tokenizer.encode(place.suffix, { continues: true });
  const kept = suffix.slice(0, Math.max(0, room >> 1));
  const prompt =
    fillInMiddle && kept.length
      ? fillInMiddle.layout({ prefix: prefix.slice(-(room - kept.length)), suffix: kept })
      : [...(tokenizer.addBos ? [tokenizer.bos!] : []), ...prefix.slice(-room)];

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

/** Where the given number of lines ends in `text`; undefined where it does not yet, or where there is no limit. */
function endOfLine(text: string, lines: number): number | undefined {
  const ends = [...text.matchAll(/\n/g)];
  return lines ? ends[lines - 1]?.index : undefined;
}
