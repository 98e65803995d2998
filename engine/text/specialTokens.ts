// The texts by which models name their special tokens, for files whose metadata leaves the ids or the types out
// (as llama.cpp's llama-vocab.cpp does).

/** What follows such a token is another turn, another file or nothing at all. */
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

/** Of those, what stands after a document in the texts that models are trained on. */
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

/** A shape that no one types and no merge builds: `<|im_end|>`, `<｜fim▁hole｜>`, `<fim_prefix>`. */
export const looksSpecial = (text: string): boolean => /^<[|｜].*[|｜]>$/u.test(text) || ofFillInMiddle.has(text);
