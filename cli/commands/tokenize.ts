import { loadTokenizer } from "../../engine";
import { type Command, defaultModel, modelOptions } from "../command";
import { readStdin } from "../files";
import { print } from "../terminal";

export const tokenize: Command = {
  summary: "Print the token ids of the text on stdin, as JSON.",
  usage: "[--model M] < text",
  options: {
    model: modelOptions.model,
    special: { type: "boolean", help: "read the names of special tokens as these tokens" },
  },
  async run({ values }) {
    const tokenizer = await loadTokenizer((values.model as string) ?? defaultModel());
    print(JSON.stringify(tokenizer.encode(await readStdin(), { special: values.special === true })));
  },
};
