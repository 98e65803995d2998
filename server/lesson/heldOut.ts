// The files that are not learned from, so that what was learned can be measured on them. Their paths decide: the same
// files are held out in every lesson, whatever else comes or goes.

import { createHash } from "node:crypto";

const share = 0.05;

export const heldOut = (path: string): boolean => place(path) < share;

/** Of two files or more at least one is held out, and at least one is learned from. */
export function split<F extends { path: string }>(files: readonly F[]): { learned: F[]; heldOut: F[] } {
  const byPlace = files.toSorted((a, b) => place(a.path) - place(b.path));
  const most = Math.max(0, files.length - 1);
  const out = new Set(byPlace.slice(0, Math.min(most, Math.max(1, files.filter((f) => heldOut(f.path)).length))));
  return { learned: files.filter((file) => !out.has(file)), heldOut: files.filter((file) => out.has(file)) };
}

/** Somewhere from 0 to 1, evenly. */
const place = (path: string): number => createHash("sha256").update(path).digest().readUInt32BE() / 2 ** 32;
