// Splits files into those to learn from and those held out to measure the result on. The files are ordered by a hash of their
// paths, so that the split is the same each time:
//
// - Files whose hash lies in the lowest 5 % of all hashes are held out, up to 10 % of all tokens.
// - If these have less than 2 % of the tokens, the next files that fit into the 10 % are held out as well.
// - If no file fits, the smallest one is held out. A single file is never held out.

import { createHash } from "node:crypto";

const share = 0.05;
const [least, most] = [0.02, 0.1];

export interface CountedFile {
  path: string;
  tokens: number;
}

export const heldOut = (path: string): boolean => hashOf(path) < share;

export function split<F extends CountedFile>(files: readonly F[]): { learned: F[]; heldOut: F[] } {
  if (files.length < 2) return { learned: [...files], heldOut: [] };
  const all = files.reduce((sum, { tokens }) => sum + tokens, 0);
  const out = new Set<F>();
  let held = 0;
  for (const file of files.toSorted((a, b) => hashOf(a.path) - hashOf(b.path))) {
    if (!heldOut(file.path) && held >= least * all) break;
    if (held + file.tokens > most * all) continue;
    out.add(file);
    held += file.tokens;
  }
  if (!out.size) out.add(files.reduce((smallest, file) => (file.tokens < smallest.tokens ? file : smallest)));
  return { learned: files.filter((file) => !out.has(file)), heldOut: files.filter((file) => out.has(file)) };
}

/** A hash of the path, uniform from 0 to 1. */
const hashOf = (path: string): number => createHash("sha256").update(path).digest().readUInt32BE() / 2 ** 32;
