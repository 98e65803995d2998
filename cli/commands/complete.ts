import { type Engine, generateText, idsOf, pathHeader, type Sampling, startOf } from "../../engine";
import { batchOption, type Gap, GapError, openBatch } from "../batch";
import { type Command, modelOptions, numberOf, type ParsedArgs, positiveOf, UsageError, withEngine } from "../command";
import { readStdin, readText } from "../files";
import { visible } from "../terminal";

export const complete: Command = {
  summary: "Continue a prefix, or fill the gap before a suffix where the model can.",
  usage: "[--prefix-file A] [--suffix-file B] | --batch IN.jsonl --out OUT.jsonl",
  options: {
    "prefix-file": { type: "string", help: "the text before the gap (stdin)" },
    "suffix-file": { type: "string", help: "the text after the gap" },
    ...batchOption,
    out: {
      type: "string",
      help: "lines of {id, completion, tokens, ms}, or of {id, error}; without an id, its line number",
    },
    "max-tokens": { type: "string", help: "the largest number of tokens to write (64)" },
    lines: { type: "string", help: "stop after this many lines" },
    stop: { type: "string", multiple: true, help: "stop before this text; may be repeated" },
    temperature: { type: "string", help: "0 takes the most probable token (0)" },
    seed: { type: "string", help: "the same seed gives the same text (0)" },
    ...modelOptions,
  },
  run: (args) => (args.values.batch === undefined ? single(args) : batch(args)),
};

async function single(args: ParsedArgs) {
  const { "prefix-file": before, "suffix-file": after, out } = args.values as Record<string, string | undefined>;
  if (out !== undefined) throw new UsageError("--out is for --batch only; a single completion goes to stdout");
  const options = optionsOf(args);
  const gap = {
    path: "",
    prefix: before === undefined ? await readStdin() : await readText(before),
    suffix: after === undefined ? "" : await readText(after),
  };
  const { completion } = await withEngine(args, (engine) => fill(engine, gap, options));
  process.stdout.write(process.stdout.isTTY ? visible(completion) : completion);
}

async function batch(args: ParsedArgs) {
  const options = optionsOf(args);
  const batch = await openBatch(args);
  await withEngine(args, async (engine) => {
    expectRoom(engine, options);
    await batch.answer((gap) => fill(engine, gap, options));
  });
}

interface FillOptions {
  maxTokens: number;
  /** 0: no limit. */
  lines: number;
  stopStrings: string[];
  sampling: Sampling;
}

function optionsOf({ values }: ParsedArgs): FillOptions {
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
async function fill(engine: Engine, { path, ...gap }: Gap, options: FillOptions): Promise<Filled> {
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
