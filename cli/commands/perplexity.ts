import { logProbability } from "../../engine";
import { type Command, modelOptions, UsageError, withEngine } from "../command";
import { readText } from "../files";
import { oneLine, print, progress } from "../terminal";

export const perplexity: Command = {
  summary: "Measure how well the model predicts files, in bits per byte over windows of the context's length.",
  usage: "[--model M] FILE…",
  maxPositionals: Number.POSITIVE_INFINITY,
  options: modelOptions,
  async run(args) {
    if (!args.positionals.length) throw new UsageError("name at least one file");
    const files: { path: string; text: string }[] = [];
    for (const path of args.positionals) files.push({ path, text: await readText(path) });
    await withEngine(args, async ({ session, tokenizer }) => {
      let allBits = 0;
      let allBytes = 0;
      for (const { path, text } of files) {
        const ids = tokenizer.encode(text);
        let bits = 0;
        let bytes = 0;
        for (let start = 0; start < ids.length; start += session.context) {
          const window = ids.slice(start, start + session.context);
          bits += await bitsOf(window);
          for (const id of window.slice(1)) bytes += tokenizer.piece(id).length;
          progress(`${path}: ${start + window.length} of ${ids.length} tokens`);
        }
        if (!bytes) throw new UsageError(`${path} holds fewer than two tokens`);
        print(`${(bits / bytes).toFixed(4)} bits/byte  ${ids.length} tokens  ${oneLine(path)}`);
        allBits += bits;
        allBytes += bytes;
      }
      if (files.length > 1) print(`${(allBits / allBytes).toFixed(4)} bits/byte  in total`);

      /** The sum of −log₂ p over all tokens but the first, for which there is no prediction. */
      async function bitsOf(window: number[]): Promise<number> {
        let bits = 0;
        await session.logits(window, (rows, first) => {
          const { vocab } = session;
          for (let row = 0; row < rows.length / vocab && first + row + 1 < window.length; row++)
            bits -= logProbability(rows.subarray(row * vocab, (row + 1) * vocab), window[first + row + 1]) / Math.LN2;
        });
        return bits;
      }
    });
  },
};
