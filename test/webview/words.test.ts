// The formats of numbers.
import { equal } from "node:assert/strict";
import { test } from "node:test";
import { change, count, duration, large, percent, size } from "../../webview/words";

test("large numbers have separators or a unit", () => {
  equal(count(21_232.4), "21,232");
  equal(percent(0.1182), "11.8 %");
  equal(large(4_884_480), "4.9 million");
  equal(large(24_576), "24,576");
  equal(size(612e6), "612 MB");
  equal(size(1.24e9), "1.2 GB");
});

test("a change has its sign, with a real minus sign", () => {
  equal(change({ before: 2, after: 1.5 }), "−25.0 %");
  equal(change({ before: 2, after: 2.1 }), "+5.0 %");
});

test("a duration has one unit or two", () => {
  equal(duration(0.2), "1 s");
  equal(duration(59), "59 s");
  equal(duration(714), "12 min");
  equal(duration(3600), "1 h");
  equal(duration(4500), "1 h 15 min");
});
