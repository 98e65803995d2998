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
  type Given,
  modelOptions,
  numberOf,
  oneOf,
  positiveOf,
  required,
  UsageError,
} from "../command";
import { expectWritable } from "../files";
import { interruptible } from "../interrupt";
import { print, progress, say } from "../terminal";
import { readTexts, reportFiles } from "../texts";

const ofNewModel = {
  vocab: { type: "string", help: `tokens of its vocabulary, which is made from the texts (${defaultVocab})` },
  layers: { type: "string", help: "blocks of attention and feed-forward (4)" },
  width: { type: "string", help: "of the stream between the layers (256)" },
  hidden: { type: "string", help: "width of the feed-forward (8/3 of the width)" },
  heads: { type: "string", help: "of attention (one for 64 of the width)" },
  "kv-heads": { type: "string", help: "heads of keys and values, which those of attention share (as many)" },
} as const satisfies Command["options"];

export const pretrain: Command = {
  summary: "Train a small model from nothing on texts, or all weights of one that there is.",
  usage: "FILE|FOLDER… --out MODEL.gguf [--from MODEL.gguf] [--restart]",
  maxPositionals: Number.POSITIVE_INFINITY,
  options: {
    out: { type: "string", help: "the model to write; OUT.progress lies beside it until it is done" },
    from: { type: "string", help: "begin with this GGUF file's weights instead of random ones" },
    ...ofNewModel,
    context: { type: "string", help: "tokens that are read at once (512)" },
    steps: { type: "string", help: "of training (1000)" },
    batch: { type: "string", help: "sequences of a step, of as many tokens as the context (4)" },
    rate: { type: "string", help: "the highest learning rate (0.001, with --from 0.0001)" },
    type: { type: "string", help: "how weights are stored: f32, f16 or q8_0 (f16)" },
    seed: { type: "string", help: "the same seed gives the same model (0)" },
    restart: { type: "boolean", help: "begin anew, where the same command was cut short and would go on" },
    device: modelOptions.device,
    threads: modelOptions.threads,
  },
  async run(given) {
    const { values, positionals } = given;
    if (positionals.length === 0) throw new UsageError("name at least one file or folder to learn from");
    const out = required(values, "out");
    const options = optionsOf(given);
    await expectWritable(out, positionals);
    const chosen = await readTexts(positionals, { learned: true });
    const documents = chosen.files.map(({ text }) => ({ header: "", text }));
    const characters = documents.reduce((sum, { text }) => sum + text.length, 0);
    reportFiles(chosen, ` of ${(characters / 1e6).toFixed(2)} million characters`);

    const texts = holdOut(documents, options.seed);
    const checkpoint = await modelOf(given, out, texts.learned);
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

const optionsOf = ({ values }: Given): PretrainOptions => ({
  steps: countOf(values, "steps", 1000),
  size: countOf(values, "batch", 4),
  length: countOf(values, "context", 512),
  rate: positiveOf(values, "rate", values.from ? 1e-4 : 1e-3),
  seed: numberOf(values, "seed", 0),
  type: oneOf(values, "type", ["f32", "f16", "q8_0"], "f16"),
  ...deviceOf(values),
  saveEvery: 30_000,
});

async function modelOf({ values }: Given, out: string, learned: readonly Document[]): Promise<Checkpoint> {
  if (values.from !== undefined) {
    const wrong = Object.keys(ofNewModel).find((name) => values[name] !== undefined);
    if (wrong) throw new UsageError(`--${wrong} is for a new model; that of --from is as it is`);
    if (resolve(out) === resolve(values.from as string)) throw new UsageError("--out is the model of --from itself");
    return openCheckpoint(values.from as string);
  }
  const given = (name: string) => (values[name] === undefined ? undefined : countOf(values, name, 1));
  const shape = shapeOf({
    ...{ layers: given("layers"), width: given("width"), hidden: given("hidden"), heads: given("heads") },
    ...{ kvHeads: given("kv-heads"), context: given("context") },
  });
  const tokenizer = trainTokenizer(
    learned.map(({ text }) => text),
    given("vocab"),
  );
  return newModel(basename(out, ".gguf"), shape, tokenizer, numberOf(values, "seed", 0));
}

/** Shows the progress on stderr: a line that is overwritten in a terminal, otherwise one line for each step. */
function progressReporter(steps: number): (event: PretrainEvent) => void {
  let [taken, milliseconds] = [0, 0];
  return (event) => {
    if (event.kind === "begun") {
      const goesOn = event.step ? `, going on after step ${event.step}` : "";
      const million = (event.parameters / 1e6).toFixed(1);
      say(`${million} million weights; every text is read ${event.epochs.toPrecision(2)} times${goesOn}`);
      return;
    }
    taken++;
    milliseconds += event.milliseconds;
    const minutes = ((steps - event.step) * milliseconds) / taken / 60_000;
    const line = `step ${event.step} of ${steps}  loss ${event.loss.toFixed(4)}  ${minutes.toFixed(1)} minutes left`;
    if (process.stderr.isTTY) progress(line);
    else say(line);
  };
}
