// What the ops on groups of a row's values share.

import { type Shape, ShapeError } from "../graph/tensor";

/** How many values a group has. Throws ShapeError where the width is not a multiple of `groups`. */
export function rankOf(what: string, [, width]: Shape, groups: number): number {
  if (width % groups) throw new ShapeError(`${what}: ${width} values do not divide into ${groups} groups evenly`);
  return width / groups;
}
