import assert from "node:assert/strict";
import { test } from "node:test";
import { isNumber, type JsonReader, parseJson } from "../../../engine/load/json";

const reader = (json: unknown) => parseJson("a.json", JSON.stringify(json));

/** Each type that a field is read as, a value of another type, and the error. */
const wrong: [read: (json: JsonReader) => unknown, value: unknown, sentence: string][] = [
  [(json) => json.number("a"), "1", 'a should be a number, but is "1"'],
  [(json) => json.number("a"), null, "a should be a number, but is missing"],
  [(json) => json.positive("a"), 0, "a should be a number above 0, but is 0"],
  [(json) => json.count("a"), 1.5, "a should be a whole number from 1 on, but is 1.5"],
  [(json) => json.text("a"), 1, "a should be a text, but is 1"],
  [(json) => json.flag("a"), "yes", 'a should be true or false, but is "yes"'],
  [(json) => json.object("a"), [1], "a should be an object, but is [1]"],
  [(json) => json.objects("a"), { b: 1 }, 'a should be a list of objects, but is {"b":1}'],
  [(json) => json.objects("a"), [{}, 2], "a[1] should be an object, but is 2"],
  [(json) => json.entries(isNumber, "a number"), "x", '"a" should be a number, but is "x"'],
  [(json) => json.object("a")!.text("b"), { b: false }, "a.b should be a text, but is false"],
];
for (const [read, value, sentence] of wrong)
  test(`JSON: the error is ${JSON.stringify(sentence)}`, () =>
    assert.throws(() => read(reader({ a: value })), { name: "CheckpointError", message: `a.json: ${sentence}` }));

test("JSON: a file that holds no object, or no JSON, is refused", () => {
  assert.throws(() => reader([1, 2]), { message: "a.json: expected a JSON object, got [1,2]" });
  assert.throws(() => parseJson("a.json", "{"), { message: /^a\.json is not valid JSON: / });
});

test("JSON: values of the expected types are read", () => {
  const json = reader({ a: 2, b: "text", c: true, d: [1], e: { f: 3 }, g: [{ h: 4 }] });
  assert.deepEqual([json.number("a"), json.positive("a"), json.count("a")], [2, 2, 2]);
  assert.deepEqual([json.text("b"), json.flag("c"), json.list("d"), json.list("b")], ["text", true, [1], ["text"]]);
  assert.equal(json.object("e")!.number("f"), 3);
  assert.equal(json.objects("g")[0].number("h"), 4);
  assert.deepEqual(
    [json.text("missing"), json.object("missing"), json.number("missing", 5)],
    [undefined, undefined, 5],
  );
});
