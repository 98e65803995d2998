import { windowStart } from "../../../engine/ops";
import { checkOp, integers } from "../check";
import { integer } from "../random";

const rows = (count: number, min: number, max: number) =>
  integers(Array.from({ length: count }, () => integer(min, max)));

for (const [count, window] of [
  [1, 1],
  [7, 4],
  [700, 4096],
])
  checkOp(`windowStart: ${count} queries, a window of ${window}`, () => ({
    inputs: [rows(count, -3, 9000), rows(count, -3, 9000)],
    compute: (last, first) => windowStart(last, first, { window }),
  }));
