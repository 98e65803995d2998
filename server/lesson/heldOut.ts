// The files that are not learned from, so that what was learned can be measured on them. The rule: the hashes of their paths
// order the files, always the same way.
//
// - The files in the first twentieth of all hashes are held out, as far as a tenth of all tokens goes.
// - Where that is less than a fiftieth of the tokens, the next ones are too, each that fits into the tenth.
// - Where none fits, for there are few files and they are large, it is the smallest one. Of a single file none.

import { createHash } from "node:crypto";

const share = 0.05;
const [least, most] = [0.02, 0.1];

export interface Weighed {
  path: string;
  tokens: number;
}

export const heldOut = (path: string): boolean => place(path) < share;

export function split<F extends Weighed>(files: readonly F[]): { learned: F[]; heldOut: F[] } {
  if (files.length < 2) return { learned: [...files], heldOut: [] };
  const all = files.reduce((sum, { tokens }) => sum + tokens, 0);
  const out = new Set<F>();
  let held = 0;
  for (const file of files.toSorted((a, b) => place(a.path) - place(b.path))) {
    if (!heldOut(file.path) && held >= least * all) break;
    if (held + file.tokens > most * all) continue;
    out.add(file);
    held += file.tokens;
  }
  if (!out.size) out.add(files.reduce((smallest, file) => (file.tokens < smallest.tokens ? file : smallest)));
  return { learned: files.filter((file) => !out.has(file)), heldOut: files.filter((file) => out.has(file)) };
}

/** Somewhere from 0 to 1, evenly. */
const place = (path: string): number => createHash("sha256").update(path).digest().readUInt32BE() / 2 ** 32;
