// The smallest tokenizer, a byte a token, and what sequences of it read.

import { fillInMiddle } from "../../../engine/text/fillInMiddle";
import { createTokenizer } from "../../../engine/text/tokenizer";
import type { Example } from "../../../engine/train/example";
import { sourceOf, tinyMetadata } from "../text/fixtures";

const names = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<s>"];

export function tiny({ withStart = false } = {}) {
  const start = { "tokenizer.ggml.bos_token_id": 260, "tokenizer.ggml.add_bos_token": true };
  const source = sourceOf(tinyMetadata(names, withStart ? start : {}));
  const tokenizer = createTokenizer(source);
  return { tokenizer, form: fillInMiddle(tokenizer, source)! };
}

const { tokenizer } = tiny();

export const read = (ids: Iterable<number>): string => tokenizer.decode(ids, { special: true });

/** What is learned of an example. */
export const learned = (example: Example): string => read([...example.ids].filter((_, i) => example.learned[i]));
