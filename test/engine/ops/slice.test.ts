// Slices of tensors: views where their alignment allows it, else copies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { state, type Tensor } from "../../../engine/graph/tensor";
import { add, advance, indexCopy, padColumns, slice, sliceColumns } from "../../../engine/ops";
import { checkGradient, checkOp, integers, random } from "../check";

for (const [rows, width, from, to] of [
  [1, 1, 0, 1],
  [3, 10, 2, 9],
  [130, 96, 64, 96],
  [2, 9000, 1, 9000],
] as const) {
  const columns = { inputs: [random(rows, width)], compute: (x: Tensor) => sliceColumns(x, { from, to }) };
  checkOp(`sliceColumns: ${from} to ${to} of ${rows} × ${width}`, () => columns);
  checkGradient(`sliceColumns: ${from} to ${to} of ${rows} × ${width}`, () => columns);
  const padded = { inputs: [random(rows, to - from)], compute: (x: Tensor) => padColumns(x, { from, width }) };
  checkOp(`padColumns: ${rows} × ${to - from} from ${from} on in ${width}`, () => padded);
  checkGradient(`padColumns: ${rows} × ${to - from} from ${from} on in ${width}`, () => padded);
}

checkOp("sliceColumns: integers", () => ({
  inputs: [integers([1, -2, 3, 0x7fc00001, 5, 2 ** 31 - 1], 2, 3)],
  compute: (x) => sliceColumns(x, { from: 1, to: 3 }),
}));

/** A computed tensor and slices of it: a view, a view of that view, and one that begins where no view can. */
const parts = (x: Tensor) => {
  const whole = add(x, x);
  const part = slice(whole, 2, 6);
  return [part, slice(part, 1, 3).reshape(128), slice(part.reshape(256), 7, 200), slice(whole, 0, 1)];
};
checkOp("slice: of a computed tensor", () => ({ inputs: [random(8, 2, 32)], compute: parts }));
checkGradient("slice: of a computed tensor", () => ({ inputs: [random(8, 2, 32)], compute: parts }));

checkOp("slice: of integers, where a view begins and where none can", () => ({
  inputs: [integers(Array.from({ length: 200 }, (_, i) => i * i))],
  compute: (x) => [slice(x, 64, 130), slice(x, 63, 130)],
}));

checkOp("slice: rows of a state are read and written in place", () => ({
  inputs: [random(4, 5, 64), random(2, 64), integers([3, 1])],
  compute: (table, rows, at) => [indexCopy(slice(table, 2, 3).reshape(5, 64), rows, at), add(table, table)],
}));

test("slice: a view shares its tensor's buffer, and what cannot be a view is a copy", () => {
  const table = state("table", [6, 2, 16]);
  assert.equal(slice(table, 2, 4).base, table);
  assert.equal(slice(slice(table, 2, 6), 2, 3).offset, 128);
  assert.notEqual(slice(table, 1, 4).base, table);
});

test("slice: rows out of range are refused, and so are in-place changes of a copy", () => {
  const table = state("table", [6, 2, 16]);
  for (const [from, to] of [
    [-2, 1],
    [-1, 1],
    [2, 2],
    [4, 7],
    [5, 7],
  ])
    assert.throws(() => slice(table, from, to), new RegExp(`asked for rows ${from} to ${to} of a tensor of 6`));
  assert.throws(() => table.rows(1, 2), /a view must begin at a multiple of 64 values, not at 32/);
  assert.throws(() => sliceColumns(table.reshape(12, 16), { from: 3, to: 17 }), /asked for columns 3 to 17 of 16/);
  assert.throws(() => padColumns(table.reshape(12, 16), { from: 3, width: 18 }), /16 columns from 3 on do not fit/);
  const copied = slice(state("ids", [6], "i32"), 1, 2);
  assert.throws(() => advance(copied), /advance: the first input is changed in place and must be a state/);
});
