// Ranks chunks by the terms that they share with the text before the caret.

/** A term that few chunks have says more: the natural logarithm of the inverse share of chunks that have it. */
export const idf = (chunks: number, chunksWithTerm: number): number => Math.log((chunks + 1) / (chunksWithTerm + 1));

/**
 * How similar a chunk is to the query, from 0 to 1: the share of the query that it has, lowered by what it has besides.
 * All are sums of the terms' idf: `common` of those in both, `query` and `chunk` of all in each.
 */
export const similarity = (common: number, query: number, chunk: number): number =>
  common > 0 ? common / (query + (chunk - common) / 2) : 0;
