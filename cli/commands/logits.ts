import { writeWhole } from "../../engine";
import { type Command, modelOptions, required, UsageError, withEngine } from "../command";
import { expectWritable } from "../files";

export const logits: Command = {
  summary: "Write the logits after each token: raw little-endian f32, tokens × vocabulary.",
  usage: "--tokens 1,2,3 --out FILE [--model M]",
  options: {
    tokens: { type: "string", help: "token ids, with commas between" },
    out: { type: "string", help: "the file to write" },
    ...modelOptions,
  },
  async run(given) {
    const tokens = parseTokens(required(given.values, "tokens"));
    const out = required(given.values, "out");
    await expectWritable(out, [given.values.model as string | undefined]);
    await withEngine(given, async ({ session }) => {
      const wrong = tokens.find((id) => id >= session.vocab);
      if (wrong !== undefined) throw new UsageError(`there is no token ${wrong}; the vocabulary has ${session.vocab}`);
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
    throw new UsageError(`--tokens takes token ids with commas between, such as 1,2,3, not “${ids}”`);
  return ids.split(",").map(Number);
}
