// The axes of the curve, and the smoothed line.
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { domain, marks, placeOn } from "../../webview/lesson/scale";
import { smooth } from "../../webview/lesson/smooth";

test("the marks of an axis are round numbers within its domain", () => {
  deepEqual(marks({ low: 1.48, high: 2.6 }, 4), [1.5, 2, 2.5]);
  deepEqual(marks({ low: 0, high: 240 }, 6), [0, 50, 100, 150, 200]);
  deepEqual(marks({ low: 0, high: 1 }, 6), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  deepEqual(marks({ low: 3.101, high: 3.109 }, 4), [3.102, 3.104, 3.106, 3.108]);
});

test("the domain leaves out the extreme values, and has a margin", () => {
  const noisy = Array.from({ length: 100 }, (_, i) => 2 + i / 100);
  const { low, high } = domain([2.5], [...noisy, 90, 91]);
  ok(low > 1.8 && low < 2.02 && high > 2.98 && high < 3.2, `${low} to ${high}`);
  deepEqual(domain([], []), { low: 0, high: 1 });
  const flat = domain([2], [2]);
  ok(flat.low < 2 && flat.high > 2);
});

test("places on an axis are in percent", () => {
  const place = placeOn({ low: 1, high: 3 });
  equal(place(1), 0);
  equal(place(2.5), 75);
});

test("smoothing keeps a constant and the first value", () => {
  const points = Array.from({ length: 50 }, (_, step) => ({ step, value: 2 }));
  for (const { value } of smooth(points)) ok(Math.abs(value - 2) < 1e-12);
  ok(Math.abs(smooth([{ step: 1, value: 3 }])[0]!.value - 3) < 1e-12);
  deepEqual(smooth([]), []);
});
