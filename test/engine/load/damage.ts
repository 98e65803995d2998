// Damages files at random, by the thousand.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { integer } from "../random";
import type { Folder } from "./folder";

/** What files claim when they lie: nothing, one more than fits, sizes whose products or sums wrap around. */
const extremes = [
  0n,
  1n,
  33n,
  0xffn,
  0xffffn,
  2n ** 20n,
  2n ** 31n - 1n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
].concat([2n ** 64n - 1n, 2n ** 64n - 32n, 2n ** 40n, 2n ** 59n]);

/** The bytes with one thing wrong, most often within the first `head`. */
function damaged(bytes: Buffer, head: number): Buffer {
  const at = integer(0, Math.min(bytes.length - 9, integer(1, 5) > 1 ? head : bytes.length));
  const copy = Buffer.from(bytes);
  switch (integer(1, 7)) {
    case 1:
    case 2:
      copy[at] ^= 1 << integer(0, 7);
      return copy;
    case 3:
      copy.writeBigUInt64LE(extremes[integer(0, extremes.length - 1)], at);
      return copy;
    case 4:
      copy.writeUInt32LE(Number(extremes[integer(0, 7)]), at);
      return copy;
    case 5:
      return copy.subarray(0, at);
    case 6:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + integer(1, 40))]);
    default:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - integer(1, 40)))]);
  }
}

/**
 * Writes the file `name` anew `files` times, each with one to three things wrong, most within the first `head` bytes.
 * `opens` says whether it could be used all the same: some can, others cannot, and memory does not grow with what they claim.
 */
export async function fuzz(
  folder: Folder,
  name: string,
  head: number,
  files: number,
  opens: () => Promise<boolean>,
): Promise<void> {
  const whole = await readFile(folder.at(name));
  const before = process.resourceUsage().maxRSS;
  let opened = 0;
  for (let i = 0; i < files; i++) {
    let bytes: Buffer = whole;
    for (let n = integer(1, 3); n > 0 && bytes.length > 16; n--) bytes = damaged(bytes, head);
    await folder.write(name, bytes);
    if (await opens()) opened++;
  }
  const growth = (process.resourceUsage().maxRSS - before) / 1024;
  assert.ok(opened > 0 && opened < files, `${opened} of ${files} opened`);
  assert.ok(growth < 256, `memory grew by ${growth} MB for a file of ${whole.length} bytes`);
}
