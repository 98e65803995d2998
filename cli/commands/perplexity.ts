import { readFile } from "node:fs/promises";
import { type Command, modelOptions, UsageError, withEngine } from "../command";

export const perplexity: Command = {
  summary: "How well the model predicts files: bits a byte, over windows of the context's length.",
  usage: "[--model M] FILE…",
  options: modelOptions,
  async run(given) {
    if (!given.positionals.length) throw new UsageError("name at least one file");
    await withEngine(given, async ({ session, tokenizer }) => {
      let allBits = 0;
      let allBytes = 0;
      for (const path of given.positionals) {
        const text = await readFile(path, "utf8");
        const ids = tokenizer.encode(text);
        let bits = 0;
        let bytes = 0;
        for (let start = 0; start < ids.length; start += session.context) {
          const window = ids.slice(start, start + session.context);
          bits += await bitsOf(window);
          for (const id of window.slice(1)) bytes += tokenizer.piece(id).length;
        }
        if (!bytes) throw new UsageError(`${path} holds fewer than two tokens`);
        console.log(`${(bits / bytes).toFixed(4)} bits/byte  ${ids.length} tokens  ${path}`);
        allBits += bits;
        allBytes += bytes;
      }
      if (given.positionals.length > 1) console.log(`${(allBits / allBytes).toFixed(4)} bits/byte  in all`);

      /** −log₂ p of each token after the first, which has nothing before it to be predicted from. */
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

function logProbability(logits: Float32Array, id: number): number {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  return logits[id] - top - Math.log(total);
}
