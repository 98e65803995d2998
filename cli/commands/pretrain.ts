import { rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  type Checkpoint,
  type Document,
  defaultVocab,
  holdOut,
  newModel,
  openCheckpoint,
  type PretrainEvent,
  type PretrainOptions,
  shapeOf,
  pretrain as train,
  trainTokenizer,
} from "../../engine";
import {
  type Command,
  countOf,
  deviceOf,
  modelOptions,
  numberOf,
  oneOf,
  type ParsedArgs,
  positiveOf,
  required,
  UsageError,
} from "../command";
import { expectWritable } from "../files";
import { interruptible } from "../interrupt";
import { log, print, progress } from "../terminal";
import { readTexts, reportFiles } from "../texts";

const ofNewModel = {
  vocab: { type: "string", help: `size of the vocabulary, which is made from the texts (${defaultVocab})` },
  layers: { type: "string", help: "transformer blocks (4)" },
  width: { type: "string", help: "width of the residual stream (256)" },
  hidden: { type: "string", help: "width of the feed-forward (8/3 of the width)" },
  heads: { type: "string", help: "attention heads (width / 64)" },
  "kv-heads": {
    type: "string",
    help: "heads of keys and values, shared by groups of attention heads (as many as --heads)",
  },
} as const satisfies Command["options"];

export const pretrain: Command = {
  summary: "Train a small model from scratch on texts, or all weights of an existing one.",
  usage: "FILE|FOLDER… --out MODEL.gguf [--from MODEL.gguf] [--restart]",
  maxPositionals: Number.POSITIVE_INFINITY,
  options: {
    out: { type: "string", help: "the model to write; OUT.progress holds the progress until then" },
    from: { type: "string", help: "start with the weights of this GGUF file instead of random ones" },
    ...ofNewModel,
    context: { type: "string", help: "tokens of a sequence (512)" },
    steps: { type: "string", help: "training steps (1000)" },
    batch: { type: "string", help: "sequences of a step (4)" },
    rate: { type: "string", help: "the highest learning rate (0.001, with --from 0.0001)" },
    type: { type: "string", help: "how weights are stored: f32, f16 or q8_0 (f16)" },
    seed: { type: "string", help: "the same seed gives the same model (0)" },
    restart: { type: "boolean", help: "start again instead of resuming this command after an interruption" },
    device: modelOptions.device,
    threads: modelOptions.threads,
  },
  async run(args) {
    const { values, positionals } = args;
    if (positionals.length === 0) throw new UsageError("name at least one file or folder to learn from");
    const out = required(values, "out");
    const options = optionsOf(args);
    await expectWritable(out, positionals);
    const chosen = await readTexts(positionals, { learned: true });
    const documents = chosen.files.map(({ text }) => ({ header: "", text }));
    const characters = documents.reduce((sum, { text }) => sum + text.length, 0);
    reportFiles(chosen, ` of ${(characters / 1e6).toFixed(2)} million characters`);

    const texts = holdOut(documents, options.seed);
    const checkpoint = await modelOf(args, out, texts.learned);
    const progressFile = `${out}.progress`;
    if (values.restart) await rm(progressFile, { force: true });
    const started = performance.now();
    try {
      const result = await interruptible(progressFile, (signal) =>
        train(checkpoint, texts, out, { ...options, signal }, progressReporter(options.steps)),
      );
      print(JSON.stringify({ ...result, minutes: (performance.now() - started) / 60_000 }));
    } finally {
      await checkpoint.close();
    }
  },
};

const optionsOf = ({ values }: ParsedArgs): PretrainOptions => ({
  steps: countOf(values, "steps", 1000),
  size: countOf(values, "batch", 4),
  length: countOf(values, "context", 512),
  rate: positiveOf(values, "rate", values.from ? 1e-4 : 1e-3),
  seed: numberOf(values, "seed", 0),
  type: oneOf(values, "type", ["f32", "f16", "q8_0"], "f16"),
  ...deviceOf(values),
  saveEvery: 30_000,
});

async function modelOf({ values }: ParsedArgs, out: string, learned: readonly Document[]): Promise<Checkpoint> {
  if (values.from !== undefined) {
    const wrong = Object.keys(ofNewModel).find((name) => values[name] !== undefined);
    if (wrong) throw new UsageError(`--${wrong} is for new models only; the model of --from keeps its own`);
    if (resolve(out) === resolve(values.from as string))
      throw new UsageError("--out and --from name the same file; choose another name for --out");
    return openCheckpoint(values.from as string);
  }
  const count = (name: string) => (values[name] === undefined ? undefined : countOf(values, name, 1));
  const shape = shapeOf({
    ...{ layers: count("layers"), width: count("width"), hidden: count("hidden"), heads: count("heads") },
    ...{ kvHeads: count("kv-heads"), context: count("context") },
  });
  const tokenizer = trainTokenizer(
    learned.map(({ text }) => text),
    count("vocab"),
  );
  return newModel(basename(out, ".gguf"), shape, tokenizer, numberOf(values, "seed", 0));
}

/** Shows the progress on stderr: a line that is overwritten in a terminal, otherwise one line for each step. */
function progressReporter(steps: number): (event: PretrainEvent) => void {
  let [taken, milliseconds] = [0, 0];
  return (event) => {
    if (event.kind === "begun") {
      const resumed = event.step ? `, resuming after step ${event.step}` : "";
      const million = (event.parameters / 1e6).toFixed(1);
      log(`${million} million weights; every text is read ${event.epochs.toPrecision(2)} times${resumed}`);
      return;
    }
    taken++;
    milliseconds += event.milliseconds;
    const minutes = ((steps - event.step) * milliseconds) / taken / 60_000;
    const line = `step ${event.step} of ${steps}  loss ${event.loss.toFixed(4)}  ${minutes.toFixed(1)} minutes left`;
    if (process.stderr.isTTY) progress(line);
    else log(line);
  };
}
