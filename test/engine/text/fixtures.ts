// Tokenizers to test: vocabularies of real models with what others make of texts with them, and a tiny one.

import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import type { MetadataValue } from "../../../engine/load/checkpoint";
import { byteLetters } from "../../../engine/text/pieces";
import { createTokenizer } from "../../../engine/text/tokenizer";
import type { TokenizerSource } from "../../../engine/text/vocabulary";

export interface Fixture {
  metadata: Record<string, MetadataValue>;
  pairs: [text: string, ids: number[]][];
}

export const fixtures = [
  ...["gpt-2", "llama-bpe", "qwen2", "starcoder", "refact", "llama-spm", "phi-3"],
  ...["deepseek-coder", "deepseek-llm", "mpt"],
];

export const readFixture = <T = Fixture>(name: string): T =>
  JSON.parse(brotliDecompressSync(readFileSync(`test/engine/text/fixtures/${name}.json.br`)).toString());

export const sourceOf = (metadata: Record<string, MetadataValue>): TokenizerSource => ({
  path: "model.gguf",
  metadata: new Map(Object.entries(metadata)),
});

export const openFixture = (name: string) => createTokenizer(sourceOf(readFixture(name).metadata));

/** Metadata of a byte-level tokenizer that merges nothing and knows the control tokens of the given names. */
export const tinyMetadata = (special: readonly string[], more: Record<string, MetadataValue> = {}) => ({
  "tokenizer.ggml.model": "gpt2",
  "tokenizer.ggml.pre": "gpt-2",
  "tokenizer.ggml.tokens": [...byteLetters, ...special],
  "tokenizer.ggml.token_type": [...byteLetters.map(() => 1), ...special.map(() => 3)],
  "tokenizer.ggml.merges": [],
  ...more,
});
