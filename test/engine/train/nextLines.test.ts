import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInModel, type Engine, loadEngine } from "../../../engine";
import { chooseLines, isExact, type NamedDocument, writeLines } from "../../../engine/train/nextLines";

const file = (path: string, text: string): NamedDocument => ({ path, header: "", text });
const undisturbed: Parameters<typeof writeLines>[3] = (work) => work(new AbortController().signal);

test("lines with some letters are chosen, as they stand and with all of the file before them", () => {
  const text = "first line of it\n\n  second line of it\n}\nab\nthird = 3;\n";
  assert.deepEqual(chooseLines([file("a", text)], 10, 1), [
    { path: "a", header: "", before: "first line of it", truth: "  second line of it" },
    { path: "a", header: "", before: "first line of it\n\n  second line of it\n}\nab", truth: "third = 3;" },
  ]);
});

test("as many lines are drawn as asked for, in their order, and the seed says which", () => {
  const many = file("a", Array.from({ length: 100 }, (_, i) => `line number ${i}\n`).join(""));
  const numbers = (seed: number) => chooseLines([many], 10, seed).map(({ truth }) => Number(truth.split(" ").pop()));
  assert.equal(numbers(1).length, 10);
  assert.deepEqual(
    numbers(1),
    numbers(1).toSorted((a, b) => a - b),
  );
  assert.deepEqual(numbers(1), numbers(1));
  assert.notDeepEqual(numbers(1), numbers(2));
});

test("a line is exact whatever white space is around it, but not where the white space inside it differs", () => {
  const line = { path: "a", header: "", before: "x", truth: "return a + b;" };
  assert.deepEqual(
    ["  return a + b; ", "return a  + b;", "return a + b"].map((written) => isExact(line, written)),
    [true, false, false],
  );
});

test("the built-in model writes next lines of short and long files, and the same ones again after an interruption", async (t) => {
  const engine: Engine = await loadEngine(builtInModel("smollm2-135m-instruct-q4_1.gguf"), { device: "cpu" });
  t.after(() => engine.dispose());
  const text = Array.from({ length: 60 }, (_, i) => `export const value${i} = compute(${i});\n`).join("");
  const lines = chooseLines([file("a.ts", text)], 100, 1).slice(-20);
  for (const context of [4096, 256]) {
    const session = await engine.trial([], context);
    const written = await writeLines(session, engine.tokenizer, lines, undisturbed);
    assert.ok(lines.filter((line, i) => isExact(line, written[i])).length >= 18, written.join("\n"));
    let disturbed = 0;
    const again = await writeLines(session, engine.tokenizer, lines.slice(0, 3), async (work) => {
      const controller = new AbortController();
      controller.abort();
      await assert.rejects(work(controller.signal), { name: "AbortError" });
      disturbed++;
      return undisturbed(work);
    });
    assert.equal(disturbed, 3);
    assert.deepEqual(again, written.slice(0, 3));
    session.dispose();
  }
});
