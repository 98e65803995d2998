import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename } from "node:path";
import {
  type Adapter,
  adapterFillInMiddle,
  createDataset,
  durationsOf,
  type Engine,
  type Examples,
  type FineTuningOptions,
  fineTuningOptions,
  holdOut,
  holdOutPairs,
  layOutExamples,
  type Marks,
  marksOf,
  type NamedDocument,
  nextTurn,
  parsePairs,
  pathHeader,
  plannedSteps,
  type RunOptions,
  readAdapter,
  runFineTuning,
  type Split,
  sequenceLength,
  startTicker,
  stepsWithin,
  type Text,
  type TrainingEvent,
  tokensOfStep,
  totalOf,
  tryStep,
  writeGgufAdapter,
} from "../../engine";
import { withoutSecrets } from "../../server/workspace/secrets";
import {
  type Command,
  countOf,
  modelOptions,
  numberOf,
  oneOf,
  type ParsedArgs,
  positiveOf,
  required,
  UsageError,
  withEngine,
} from "../command";
import { expectWritable, readText } from "../files";
import { interruptible } from "../interrupt";
import { log, printJson, progress } from "../terminal";
import { readTexts, reportChoice, reportFiles } from "../texts";

export const train: Command = {
  summary: "Fine-tune an adapter on files, and measure the model before and after.",
  usage: "FILE|FOLDER… | --jsonl PAIRS.jsonl   --out ADAPTER.gguf [--restart]",
  maxPositionals: Number.POSITIVE_INFINITY,
  options: {
    out: { type: "string", help: "the adapter to write; OUT.progress holds the progress until then" },
    jsonl: { type: "string", help: 'learn responses instead of files, from lines of {"prompt": "…", "response": "…"}' },
    from: { type: "string", help: "adapter to continue training; its kind and rank stay" },
    "adapter-kind": { type: "string", help: "lora, or loramoe, which forgets less (lora)" },
    rank: { type: "string", help: "rank of the adapter (lora 16; loramoe 8 for each expert)" },
    minutes: { type: "string", help: "take as many steps as fit into this time, at most four epochs (20)" },
    steps: { type: "string", help: "number of steps, instead of --minutes" },
    rate: { type: "string", help: "the highest learning rate (0.003)" },
    "replay-weight": {
      type: "string",
      help: "weight of the loss on replay data, which reduces forgetting; 0 turns it off (0.5)",
    },
    marks: {
      type: "string",
      help: "teach the model to fill in the middle: its special tokens for prefix, suffix and middle, separated by commas",
    },
    seed: { type: "string", help: "the same seed gives the same adapter (1)" },
    restart: { type: "boolean", help: "start again instead of resuming this command after an interruption" },
    ...modelOptions,
  },
  async run(args) {
    const { values, positionals } = args;
    const out = required(values, "out");
    if (!out.endsWith(".gguf")) throw new UsageError(`--out takes the name of a GGUF file, not “${out}”`);
    if ((positionals.length === 0) === (values.jsonl === undefined))
      throw new UsageError("name files or folders to learn from, or --jsonl");
    // Options are checked before anything is read.
    optionsOf(args, undefined);
    countOf(values, "steps", 1);
    positiveOf(values, "minutes", 20);
    await expectWritable(out, [...positionals, values.jsonl as string | undefined, values.model as string | undefined]);
    const material = values.jsonl === undefined ? await readDocuments(args) : await readPairs(args);
    await withEngine(args, (engine) => fineTune(engine, args, material, out));
  },
};

/** The special tokens to learn as fill-in-the-middle marks: those of --marks, or of the adapter that training continues. */
function marksFor({ values }: ParsedArgs, from: Adapter | undefined): Marks | undefined {
  if (values.marks === undefined) return from && marksOf(from.metadata);
  const [prefix, suffix, middle, ...more] = (values.marks as string).split(",");
  if (!middle || more.length) throw new UsageError(`--marks takes three special tokens, not “${values.marks}”`);
  return { prefix, suffix, middle };
}

async function readDocuments({ values, positionals }: ParsedArgs): Promise<Split<Text>> {
  const texts = await readTexts(positionals, { learned: true });
  reportFiles(texts);
  const documents = texts.files.map((file): NamedDocument => ({ ...file, header: pathHeader(file.path) }));
  return holdOut(documents, numberOf(values, "seed", 1));
}

async function readPairs({ values }: ParsedArgs): Promise<Split<Text>> {
  const { taken: pairs, leftOut } = withoutSecrets(parsePairs(await readText(values.jsonl as string)));
  reportChoice(
    `${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"}`,
    leftOut.map((number) => ({ path: `pair ${number}`, reason: "secret" })),
  );
  if (pairs.length < 2)
    throw new UsageError("expected at least two pairs to learn from, because one is held out for measuring");
  return holdOutPairs(pairs);
}

async function fineTune(engine: Engine, args: ParsedArgs, material: Split<Text>, out: string) {
  const { info, tokenizer, base } = engine;
  const { values } = args;
  const from = values.from === undefined ? undefined : await readAdapter(values.from as string, base);
  const marks = marksFor(args, from);
  const fillInMiddle = marks ? adapterFillInMiddle(tokenizer, marks) : engine.fillInMiddle;
  const usual = optionsOf(args, from);
  const width = base.sizes.embedding_length;
  if (usual.adapter.rank > width)
    throw new UsageError(`--rank takes a number up to ${width}, the width of this model, not ${usual.adapter.rank}`);
  const examples = await layOutExamples(material, usual.seed, { info, tokenizer, fillInMiddle });

  const folder = `${out}.progress`;
  if (values.restart) await rm(folder, { recursive: true, force: true });
  const resumes = existsSync(folder);
  const ticker = startTicker(engine.interrupt);
  const { adapter, report } = await interruptible(folder, async (signal) => {
    const pause = async () => {
      await nextTurn();
      signal.throwIfAborted();
    };
    const undisturbed: RunOptions["undisturbed"] = (work) => ticker.undisturbed(() => work(signal));
    const options = { ...usual, steps: await stepsOf(engine, args, usual, examples, { folder, pause, undisturbed }) };
    const dataset = await createDataset(examples, material.heldOut, options, engine, pause);
    if (dataset.project.length === 0) throw new UsageError("the texts hold nothing to learn");
    if (dataset.heldOut.length === 0)
      throw new UsageError("the texts are too short to hold a part out for measuring; add more texts");
    const fineTuned = await runFineTuning(engine, options, dataset, {
      ...{ folder, name: basename(out, ".gguf"), pause, undisturbed, signal },
      stopped: () => false,
      unsaved: (error) => Promise.reject(error),
      onEvent: progressReporter(options.steps, resumes && folder),
    });
    return fineTuned!; // it is stopped by its signal alone
  }).finally(ticker.stop);
  const metadata = marks ? { ...adapter.metadata, fillInMiddle: marks } : adapter.metadata;
  await writeGgufAdapter(out, { ...adapter, metadata });
  await rm(folder, { recursive: true, force: true });
  printJson({ adapter: out, ...report });
}

/** The options of the command line, except for the number of steps. */
function optionsOf({ values }: ParsedArgs, from: Adapter | undefined): FineTuningOptions {
  const usual = fineTuningOptions(oneOf(values, "adapter-kind", ["lora", "loramoe"], from?.kind ?? "lora"), 1);
  const rank = countOf(values, "rank", from?.rank ?? usual.adapter.rank);
  if (from && (usual.adapter.kind !== from.kind || rank !== from.rank))
    throw new UsageError(
      `the adapter of --from is a ${from.kind} of rank ${from.rank}; leave out --adapter-kind and --rank`,
    );
  const { alpha, experts } = from ?? { ...usual.adapter, alpha: 2 * rank };
  return {
    ...usual,
    from,
    adapter: { ...usual.adapter, rank, alpha, experts },
    rate: positiveOf(values, "rate", usual.rate),
    replayWeight: positiveOf(values, "replay-weight", usual.replayWeight),
    seed: numberOf(values, "seed", usual.seed),
  };
}

async function stepsOf(
  engine: Engine,
  { values }: ParsedArgs,
  options: FineTuningOptions,
  examples: Examples,
  { folder, pause, undisturbed }: Pick<RunOptions, "folder" | "pause" | "undisturbed">,
) {
  if (values.steps !== undefined) return countOf(values, "steps", 1);
  const planned = await plannedSteps(folder);
  if (planned !== undefined) return planned; // what there was time for then
  const { speed } = await tryStep(engine, options, pause, undisturbed);
  const tokens = (of: Examples["learned"]) => of.reduce((sum, { ids }) => sum + ids.length, 0);
  const epoch = tokens(examples.learned) / tokensOfStep(options, engine.info);
  const all = tokens(examples.heldOut);
  const heldOut = { all, prose: values.jsonl === undefined ? all : 0 };
  const total = (steps: number) =>
    totalOf(durationsOf({ ...options, steps }, speed, heldOut, sequenceLength(engine.info)), steps);
  const steps = stepsWithin(positiveOf(values, "minutes", 20), epoch, total);
  const minutes = (total(steps) / 60_000).toFixed(1);
  log(`a step takes ${(speed.step / 1000).toFixed(1)} s; ${steps} steps take ${minutes} minutes with the measurements`);
  return steps;
}

/** Shows the progress on stderr: a line that is overwritten in a terminal, otherwise one line for each step. */
function progressReporter(steps: number, progressFolder: string | false): (event: TrainingEvent) => void {
  let [taken, milliseconds, heldOut] = [0, 0, ""];
  const show = process.stderr.isTTY ? progress : log;
  return (event) => {
    if (event.kind === "begun") {
      if (event.problem) log(event.problem);
      else if (progressFolder && !event.heldOut.length)
        throw new Error(
          `${progressFolder} holds the progress of a training on other texts or with other options; --restart starts again`,
        );
      else if (progressFolder) log(`resuming after step ${event.losses.length} of ${steps}`);
    } else if (event.kind === "measuring") {
      if (process.stderr.isTTY || event.share === 1) show(`measured ${event.what}: ${Math.floor(event.share * 100)} %`);
    } else if (event.kind === "heldOut") {
      heldOut = `  held out ${event.loss.toFixed(4)}`;
      if (event.step === 0) show(`step 0 of ${steps}${heldOut}`);
    } else {
      taken++;
      milliseconds += event.milliseconds;
      const minutes = ((steps - event.step) * milliseconds) / taken / 60_000;
      show(
        `step ${event.step} of ${steps}  loss ${event.loss.toFixed(4)}${heldOut}  ${minutes.toFixed(1)} minutes left`,
      );
    }
  };
}
