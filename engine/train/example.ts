// A text of tokens to be trained on. Some of them are to be predicted, the others are only read.

import type { Tokenizer } from "../text/tokenizer";

export interface Example {
  ids: Int32Array;
  /** For each token the weight of its loss; 0 where it is only read. */
  learned: Uint8Array;
}

/** The token that ends a text, where the vocabulary has one. */
export const endOf = ({ endOfText }: Tokenizer): number[] => (endOfText === undefined ? [] : [endOfText]);

/** Marks ids as only read: `exampleOf` takes negative numbers, their complements, for such ids. */
export const given = (ids: readonly number[]): number[] => ids.map((id) => ~id);

/** An example in which all ids are to be predicted but those that `given` has marked. */
export const exampleOf = (ids: readonly number[]): Example => ({
  ids: Int32Array.from(ids, (id) => (id < 0 ? ~id : id)),
  learned: Uint8Array.from(ids, (id) => (id < 0 ? 0 : 1)),
});
