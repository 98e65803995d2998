import { open } from "node:fs/promises";
import { type Command, modelOptions, required, UsageError, withEngine } from "../command";

export const logits: Command = {
  summary: "Write the logits after each token: raw little-endian f32, tokens × vocabulary.",
  usage: "--tokens 1,2,3 --out FILE [--model M]",
  options: {
    tokens: { type: "string", help: "token ids, with commas between" },
    out: { type: "string", help: "the file to write" },
    ...modelOptions,
  },
  async run(given) {
    const tokens = required(given.values, "tokens").split(",").map(Number);
    const out = required(given.values, "out");
    if (!tokens.every((id) => Number.isInteger(id) && id >= 0))
      throw new UsageError("--tokens takes token ids with commas between, such as 1,2,3");
    await withEngine(given, async ({ session }) => {
      const wrong = tokens.find((id) => id >= session.vocab);
      if (wrong !== undefined) throw new UsageError(`there is no token ${wrong}; the vocabulary has ${session.vocab}`);
      const file = await open(out, "w");
      const pending: Promise<unknown>[] = [];
      let at = 0;
      await session.logits(tokens, (rows) => {
        const bytes = new Uint8Array(rows.slice().buffer);
        pending.push(file.write(bytes, 0, bytes.length, at));
        at += bytes.length;
      });
      await Promise.all(pending);
      await file.close();
    });
  },
};
