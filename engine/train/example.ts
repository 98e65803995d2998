// A run of tokens to be learned from, and which of them are to be predicted; the others are only read.

import type { Tokenizer } from "../text/tokenizer";

export interface Example {
  ids: Int32Array;
  /** What the token's loss counts; 0 where it is given. */
  learned: Uint8Array;
}

/** What a tokenizer puts before a text, where it puts anything. */
export const startOf = (tokenizer: Tokenizer): number[] => (tokenizer.addBos ? [tokenizer.bos!] : []);

/** What it puts after. */
export const endOf = ({ endOfText }: Tokenizer): number[] => (endOfText === undefined ? [] : [endOfText]);

/** Marks ids as given: their complements, which are negative. */
export const given = (ids: readonly number[]): number[] => ids.map((id) => ~id);

export const exampleOf = (ids: readonly number[]): Example => ({
  ids: Int32Array.from(ids, (id) => (id < 0 ? ~id : id)),
  learned: Uint8Array.from(ids, (id) => (id < 0 ? 0 : 1)),
});
