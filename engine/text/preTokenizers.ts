// How text is cut into words before byte pairs are merged, by GGUF's name of the pre-tokenizer (`tokenizer.ggml.pre`).
// Patterns apply one after the other, each to the pieces that the one before made, as in llama.cpp's unicode.cpp.

import { type Cut, cutAtPattern } from "./cut";

/** A pre-tokenizer. */
export interface PreTokenizer {
  split: readonly Cut[];
  ignoreMerges?: boolean;
  addBos?: boolean;
}

/** Unicode's \s (JavaScript's takes in U+FEFF and leaves out U+0085). */
const unicodePattern = (source: string): RegExp =>
  new RegExp(source.replaceAll("\\s", "\\p{White_Space}").replaceAll("\\S", "\\P{White_Space}"), "gu");

const patterns = (...sources: string[]) => sources.map((source) => cutAtPattern(unicodePattern(source)));

const gpt2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
/** GPT-2's pre-tokenizer, the default of byte-level tokenizers. */
export const cutAtBytePairWords = cutAtPattern(unicodePattern(gpt2));

const contractions = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
const rest = String.raw`\s*[\r\n]+|\s+(?!\S)|\s+`;
const symbols = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`;
const letters = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const capitals = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const smalls = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const cased = String.raw`[^\r\n\p{L}\p{N}]?${capitals}*${smalls}+|[^\r\n\p{L}\p{N}]?${capitals}+${smalls}*`;
const cjk = String.raw`[\u0800-\u9fa5\uac00-\ud7ff]+`;

/** The cased letters that DeepSeek-LLM's own pattern lists, alphabet by alphabet. */
const deepseekLetters =
  String.raw`A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌῐ-\u1fd3ῖ-\u1fdbῠ-Ῥῲ-ῴῶ-ῼ` +
  String.raw`ℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃`;

const kinds = {
  default: {
    split: patterns(String.raw`[\p{P}$+<=>^~|]+`, gpt2, String.raw`\p{N}+`, "[0-9][0-9][0-9]"),
  },
  gpt2: { split: patterns(gpt2) },
  digits: { split: patterns(String.raw`\p{N}`, gpt2) },
  llama3: {
    split: patterns(String.raw`${contractions}|${letters}|\p{N}{1,3}|${symbols}|${rest}`),
    ignoreMerges: true,
    addBos: true,
  },
  dbrx: { split: patterns(String.raw`${contractions}|${letters}|\p{N}{1,3}|${symbols}|${rest}`) },
  qwen2: { split: patterns(String.raw`${contractions}|${letters}|\p{N}|${symbols}|${rest}`) },
  seedCoder: {
    split: patterns(String.raw`${contractions}|${letters}|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|${rest}`),
  },
  tekken: {
    split: patterns(String.raw`${cased}|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|${rest}`),
    ignoreMerges: true,
    addBos: true,
  },
  deepseekCoder: {
    split: patterns(String.raw`[\r\n]`, String.raw`\s?\p{L}+`, String.raw`\s?\p{P}+`, cjk, String.raw`\p{N}`),
  },
  deepseekLlm: {
    split: patterns(
      String.raw`[\r\n]`,
      String.raw`\s?[${deepseekLetters}]+`,
      String.raw`\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+`,
      String.raw`(?<!\s)\s+$`, // looking behind changes no match and keeps a long run of spaces linear
      cjk,
      String.raw`\p{N}+`,
    ),
  },
  deepseekV3: {
    split: patterns(
      String.raw`\p{N}{1,3}`,
      String.raw`[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+`,
      String.raw`[!-/:-@\[-\u0060{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|${rest}`,
    ),
  },
} satisfies Record<string, PreTokenizer>;

const names: Record<string, keyof typeof kinds> = {
  default: "default",
  "gpt-2": "gpt2",
  "phi-2": "gpt2",
  mpt: "gpt2",
  olmo: "gpt2",
  mellum: "gpt2",
  starcoder: "digits",
  refact: "digits",
  smollm: "digits",
  codeshell: "digits",
  "minerva-7b": "digits",
  llama3: "llama3",
  "llama-v3": "llama3",
  "llama-bpe": "llama3",
  falcon3: "llama3",
  dbrx: "dbrx",
  "smaug-bpe": "dbrx",
  qwen2: "qwen2",
  "deepseek-r1-qwen": "qwen2",
  megrez: "qwen2",
  "seed-coder": "seedCoder",
  tekken: "tekken",
  "deepseek-coder": "deepseekCoder",
  "deepseek-llm": "deepseekLlm",
  "deepseek-v3": "deepseekV3",
};

/** The pre-tokenizer of a name; undefined where the name is not known. */
export function preTokenizer(name: string): PreTokenizer | undefined {
  return Object.hasOwn(names, name) ? kinds[names[name]] : undefined;
}
