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
  type Given,
  modelOptions,
  numberOf,
  oneOf,
  positiveOf,
  required,
  UsageError,
  withEngine,
} from "../command";
import { expectWritable, readText } from "../files";
import { interruptible } from "../interrupt";
import { printJson, progress, say } from "../terminal";
import { readTexts, reportChoice, reportFiles } from "../texts";

export const train: Command = {
  summary: "Fine-tune the model on files, as an adapter, and measure what that brought.",
  usage: "FILE|FOLDER… | --jsonl PAIRS.jsonl   --out ADAPTER.gguf [--restart]",
  maxPositionals: Number.POSITIVE_INFINITY,
  options: {
    out: { type: "string", help: "the adapter to write; OUT.progress lies beside it until it is done" },
    jsonl: { type: "string", help: 'learn the responses instead, from lines of {"prompt": "…", "response": "…"}' },
    from: { type: "string", help: "an adapter that earlier training made, to go on from; its kind and rank stay" },
    "adapter-kind": { type: "string", help: "lora, or loramoe, which forgets less (lora)" },
    rank: { type: "string", help: "of the adapter's matrices (16, of each expert 8)" },
    minutes: { type: "string", help: "take as many steps as there is time for and sense in (20)" },
    steps: { type: "string", help: "take so many instead" },
    rate: { type: "string", help: "the highest learning rate (0.003)" },
    "replay-weight": { type: "string", help: "of replay data, mixed in against forgetting; 0 is none (0.5)" },
    marks: {
      type: "string",
      help: "teach a model to fill in the middle: special tokens that open prefix, suffix and middle, with commas between",
    },
    seed: { type: "string", help: "the same seed gives the same adapter (1)" },
    restart: { type: "boolean", help: "begin anew, where the same command was cut short and would go on" },
    ...modelOptions,
  },
  async run(given) {
    const { values, positionals } = given;
    const out = required(values, "out");
    if (!out.endsWith(".gguf")) throw new UsageError(`--out takes the name of a GGUF file, not “${out}”`);
    if ((positionals.length === 0) === (values.jsonl === undefined))
      throw new UsageError("name files or folders to learn from, or --jsonl");
    // Options are checked before anything is read.
    optionsOf(given, undefined);
    countOf(values, "steps", 1);
    positiveOf(values, "minutes", 20);
    await expectWritable(out, [...positionals, values.jsonl as string | undefined, values.model as string | undefined]);
    const material = values.jsonl === undefined ? await readDocuments(given) : await readPairs(given);
    await withEngine(given, (engine) => fineTune(engine, given, material, out));
  },
};

/** The special tokens to learn as fill-in-the-middle marks: those of --marks, or of the adapter that training continues. */
function marksFor({ values }: Given, from: Adapter | undefined): Marks | undefined {
  if (values.marks === undefined) return from && marksOf(from.metadata);
  const [prefix, suffix, middle, ...more] = (values.marks as string).split(",");
  if (!middle || more.length) throw new UsageError(`--marks takes three special tokens, not “${values.marks}”`);
  return { prefix, suffix, middle };
}

async function readDocuments({ values, positionals }: Given): Promise<Split<Text>> {
  const texts = await readTexts(positionals, { learned: true });
  reportFiles(texts);
  const documents = texts.files.map((file): NamedDocument => ({ ...file, header: pathHeader(file.path) }));
  return holdOut(documents, numberOf(values, "seed", 1));
}

async function readPairs({ values }: Given): Promise<Split<Text>> {
  const { taken: pairs, leftOut } = withoutSecrets(parsePairs(await readText(values.jsonl as string)));
  reportChoice(
    `${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"}`,
    leftOut.map((number) => ({ path: `pair ${number}`, reason: "secret" })),
  );
  if (pairs.length < 2)
    throw new UsageError("it takes two pairs that can be learned: one of them is held out to measure with");
  return holdOutPairs(pairs);
}

async function fineTune(engine: Engine, given: Given, material: Split<Text>, out: string) {
  const { info, tokenizer, base } = engine;
  const { values } = given;
  const from = values.from === undefined ? undefined : await readAdapter(values.from as string, base);
  const marks = marksFor(given, from);
  const fillInMiddle = marks ? adapterFillInMiddle(tokenizer, marks) : engine.fillInMiddle;
  const usual = optionsOf(given, from);
  const width = base.sizes.embedding_length;
  if (usual.adapter.rank > width)
    throw new UsageError(`--rank takes a number up to ${width}, the width of this model, not ${usual.adapter.rank}`);
  const examples = await layOutExamples(material, usual.seed, { info, tokenizer, fillInMiddle });

  const folder = `${out}.progress`;
  if (values.restart) await rm(folder, { recursive: true, force: true });
  const goesOn = existsSync(folder);
  const ticker = startTicker(engine.interrupt);
  const { adapter, report } = await interruptible(folder, async (signal) => {
    const pause = async () => {
      await nextTurn();
      signal.throwIfAborted();
    };
    const undisturbed: RunOptions["undisturbed"] = (work) => ticker.undisturbed(() => work(signal));
    const options = { ...usual, steps: await stepsOf(engine, given, usual, examples, { folder, pause, undisturbed }) };
    const dataset = await createDataset(examples, material.heldOut, options, engine, pause);
    if (dataset.project.length === 0) throw new UsageError("there is nothing to learn in them");
    if (dataset.heldOut.length === 0) throw new UsageError("there is too little to hold something out to measure with");
    const fineTuned = await runFineTuning(engine, options, dataset, {
      ...{ folder, name: basename(out, ".gguf"), pause, undisturbed, signal },
      stopped: () => false,
      unsaved: (error) => Promise.reject(error),
      onEvent: progressReporter(options.steps, goesOn && folder),
    });
    return fineTuned!; // it is stopped by its signal alone
  }).finally(ticker.stop);
  const metadata = marks ? { ...adapter.metadata, fillInMiddle: marks } : adapter.metadata;
  await writeGgufAdapter(out, { ...adapter, metadata });
  await rm(folder, { recursive: true, force: true });
  printJson({ adapter: out, ...report });
}

/** The options of the command line, except for the number of steps. */
function optionsOf({ values }: Given, from: Adapter | undefined): FineTuningOptions {
  const usual = fineTuningOptions(oneOf(values, "adapter-kind", ["lora", "loramoe"], from?.kind ?? "lora"), 1);
  const rank = countOf(values, "rank", from?.rank ?? usual.adapter.rank);
  if (from && (usual.adapter.kind !== from.kind || rank !== from.rank))
    throw new UsageError(
      `--from takes an adapter of the kind and rank asked for; it is a ${from.kind} of ${from.rank}`,
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
  { values }: Given,
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
  say(`a step takes ${(speed.step / 1000).toFixed(1)} s: ${steps} of them, ${minutes} minutes with the measuring`);
  return steps;
}

/** Shows the progress on stderr: a line that is overwritten in a terminal, otherwise one line for each step. */
function progressReporter(steps: number, goesOn: string | false): (event: TrainingEvent) => void {
  let [taken, milliseconds, heldOut] = [0, 0, ""];
  const show = process.stderr.isTTY ? progress : say;
  return (event) => {
    if (event.kind === "begun") {
      if (event.problem) say(event.problem);
      else if (goesOn && !event.heldOut.length)
        throw new Error(
          `${goesOn} holds the progress of a training on other texts or with other options; --restart begins anew`,
        );
      else if (goesOn) say(`going on after step ${event.losses.length} of ${steps}`);
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
