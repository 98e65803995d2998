import { writeWhole } from "../../engine";
import { type Command, modelOptions, oneOf, required, UsageError, withEngine } from "../command";
import { expectWritable } from "../files";

export const logits: Command = {
  summary: "Write the logits after each token: raw little-endian f32, tokens × vocabulary.",
  usage: "--tokens 1,2,3 --out FILE [--model M]",
  options: {
    tokens: { type: "string", help: "token ids, separated by commas" },
    out: { type: "string", help: "the file to write" },
    cache: { type: "string", help: "f32, or f16, in which completing keeps keys and values (f32)" },
    ...modelOptions,
  },
  async run(args) {
    const tokens = parseTokens(required(args.values, "tokens"));
    const out = required(args.values, "out");
    await expectWritable(out, [args.values.model as string | undefined]);
    const cacheType = oneOf(args.values, "cache", ["f16", "f32"], "f32");
    await withEngine({ ...args, cacheType }, async ({ session }) => {
      const wrong = tokens.find((id) => id >= session.vocab);
      if (wrong !== undefined)
        throw new UsageError(`token ${wrong} does not exist; the vocabulary has ${session.vocab} tokens`);
      await writeWhole({
        [out]: (file) =>
          session.logits(tokens, (rows) =>
            file.writeFile(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)),
          ),
      });
    });
  },
};

function parseTokens(ids: string): number[] {
  if (!/^\d{1,9}(,\d{1,9})*$/.test(ids))
    throw new UsageError(`--tokens takes token ids separated by commas, such as 1,2,3, not “${ids}”`);
  return ids.split(",").map(Number);
}
