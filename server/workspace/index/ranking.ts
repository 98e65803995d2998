// Ranks chunks by the terms that they share with the text before the caret.

/** A term that few chunks have says more. Never 0, so that a workspace of two files works (as in Lucene's BM25). */
export const idf = (chunks: number, chunksWithTerm: number): number =>
  Math.log(1 + (chunks - chunksWithTerm + 0.5) / (chunksWithTerm + 0.5));

/**
 * How similar a chunk is to the query, from 0 to 1: the share of the query that it has, lowered by what it has besides.
 * All are sums of the terms' idf: `common` of those in both, `query` and `chunk` of all in each.
 */
export const similarity = (common: number, query: number, chunk: number): number =>
  common > 0 ? common / (query + (chunk - common) / 2) : 0;
