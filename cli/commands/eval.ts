import {
  chooseLines,
  chooseSpans,
  documentExamples,
  fillSpans,
  isExact,
  isFilled,
  lossOf,
  type NamedDocument,
  pathHeader,
  sequenceLength,
  writeLines,
} from "../../engine";
import { type Command, countOf, modelOptions, numberOf, UsageError, withEngine } from "../command";
import { log, print, progress } from "../terminal";
import { readTexts, reportFiles } from "../texts";

export const evaluate: Command = {
  summary: "Measure how well the model predicts files: the loss, and the share of lines that it writes exactly.",
  usage: "[--adapter A] FILE|FOLDER…",
  maxPositionals: Number.POSITIVE_INFINITY,
  options: {
    lines: { type: "string", help: "number of lines to write, each from the lines before it (100)" },
    gaps: { type: "string", help: "number of gaps within lines to fill (0)" },
    seed: { type: "string", help: "the same seed draws the same lines (1)" },
    ...modelOptions,
  },
  async run(args) {
    const { values, positionals } = args;
    if (!positionals.length) throw new UsageError("name at least one file or folder");
    const texts = await readTexts(positionals, { learned: false });
    reportFiles(texts);
    const { files } = texts;
    const documents = files.map((file): NamedDocument => ({ ...file, header: pathHeader(file.path) }));
    const seed = numberOf(values, "seed", 1);
    await withEngine(args, async (engine) => {
      const { session, tokenizer, fillInMiddle: form } = engine;
      const lines = chooseLines(documents, countOf(values, "lines", 100), seed);
      const length = sequenceLength(engine.info);
      const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
      log(`Reading ${files.length} ${files.length === 1 ? "file" : "files"}, ${(bytes / 1e6).toFixed(1)} MB`);
      const examples = documentExamples(documents, { tokenizer, form, length, seed });
      const showLoss = progressReporter("loss", examples.length);
      const { loss, tokens } = await lossOf(session, examples, showLoss);
      if (!tokens) throw new UsageError("the files hold nothing to predict");
      const showLines = progressReporter("lines written", lines.length);
      let done = 0;
      const written = await writeLines(session, tokenizer, lines, async (work) => {
        const line = await work(new AbortController().signal);
        showLines(++done);
        return line;
      });
      const exact = lines.filter((line, i) => isExact(line, written[i])).length;
      const spans = chooseSpans(documents, numberOf(values, "gaps", 0), seed);
      const filled = await fillSpans(session, tokenizer, form, spans);
      print(
        JSON.stringify({
          files: files.length,
          tokens,
          loss,
          lines: lines.length,
          exactMatch: exact / Math.max(1, lines.length),
          ...(spans.length && {
            gaps: spans.length,
            filled: spans.filter((span, i) => isFilled(span, filled[i])).length / spans.length,
          }),
        }),
      );
    });
  },
};

/** Shows the share that is done, and the time left at the current speed. */
function progressReporter(what: string, all: number): (done: number) => void {
  const started = performance.now();
  return (done) => {
    const minutes = ((all - done) * (performance.now() - started)) / done / 60_000;
    progress(`${what}: ${Math.floor((100 * done) / all)} %  ${minutes.toFixed(1)} minutes left`);
  };
}
