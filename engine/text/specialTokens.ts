// The names of models' special tokens, for files whose metadata lacks their ids or types. llama.cpp's llama-vocab.cpp has
// such lists as well.

/** Tokens that end generation: after one comes another turn, another file, or nothing. */
export const endsOfGeneration: ReadonlySet<string> = new Set([
  "</s>",
  "<eos>",
  "[EOS]",
  "<EOT>",
  "▁<EOT>",
  "[EOT]",
  "<|endoftext|>",
  "<|end_of_text|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|im_end|>",
  "<|end|>",
  "<|return|>",
  "<|call|>",
  "<end_of_turn>",
  "<end_of_utterance>",
  "<|end_of_sentence|>",
  "<｜end▁of▁sentence｜>",
  "<[end▁of▁sentence]>",
  "<|file_sep|>",
  "<file_sep>",
  "<|file_separator|>",
  "<|repo_name|>",
  "<repo_name>",
  "<reponame>",
  "<filename>",
  "<|fim_pad|>",
  "<fim_pad>",
  "<fim-pad>",
]);

/** Those of them that separate documents in training texts. */
export const endsOfText: readonly string[] = [
  "<|endoftext|>",
  "<|end_of_text|>",
  "<｜end▁of▁sentence｜>",
  "<[end▁of▁sentence]>",
  "<|end_of_sentence|>",
  "</s>",
  "<eos>",
  "[EOS]",
];

/** The names of the tokens that mark a gap. */
export interface FillInMiddleTokens {
  prefix: string;
  suffix: string;
  /** Codestral has none: it goes on after the prefix. */
  middle?: string;
}

/** One family of models a row; U+FF5C and U+2581 in DeepSeek's, U+2581 (a space) in CodeLlama's. */
export const fillInMiddleTokens: readonly FillInMiddleTokens[] = [
  { prefix: "<|fim_prefix|>", suffix: "<|fim_suffix|>", middle: "<|fim_middle|>" },
  { prefix: "<fim_prefix>", suffix: "<fim_suffix>", middle: "<fim_middle>" },
  { prefix: "<fim-prefix>", suffix: "<fim-suffix>", middle: "<fim-middle>" },
  { prefix: "<[fim-prefix]>", suffix: "<[fim-suffix]>", middle: "<[fim-middle]>" },
  { prefix: "<｜fim▁begin｜>", suffix: "<｜fim▁hole｜>", middle: "<｜fim▁end｜>" },
  { prefix: "▁<PRE>", suffix: "▁<SUF>", middle: "▁<MID>" },
  { prefix: "<PRE>", suffix: "<SUF>", middle: "<MID>" },
  { prefix: "<|code_prefix|>", suffix: "<|code_suffix|>", middle: "<|code_middle|>" },
  { prefix: "<|prefix|>", suffix: "<|suffix|>", middle: "<|middle|>" },
  { prefix: "[PREFIX]", suffix: "[SUFFIX]" },
];

const ofFillInMiddle = new Set(fillInMiddleTokens.flatMap((tokens) => Object.values(tokens) as string[]));

/** The form of special tokens' names: `<|im_end|>`, `<｜fim▁hole｜>`, `<fim_prefix>`. Ordinary text does not contain it. */
export const looksSpecial = (text: string): boolean => /^<[|｜].*[|｜]>$/u.test(text) || ofFillInMiddle.has(text);
