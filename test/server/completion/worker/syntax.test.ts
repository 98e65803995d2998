import assert from "node:assert/strict";
import { test } from "node:test";
import { createSyntax } from "../../../../server/completion/worker/syntax";
import { at } from "../place";

test("syntax: a document whose language changes is parsed anew", async () => {
  const { placeOf } = createSyntax();
  for (const [languageId, text, opensBlock] of [
    ["rust", "fn main() {|", true],
    ["go", "// one\nfunc main() {|", true],
    ["python", "def main():|", true],
    ["typescript", "main();|", false],
  ] as const)
    assert.deepEqual(await placeOf(at(text, languageId)), { inText: false, opensBlock }, languageId);
});

test("syntax: of a long document the part around the caret is parsed", async () => {
  const { placeOf } = createSyntax();
  const line = "const value = [1, 2, 3];\n";
  const source = { ...at("|"), prefix: `${line.repeat(40_000)}function f() {`, suffix: `\n${line.repeat(40_000)}` };
  assert.deepEqual(await placeOf(source), { inText: false, opensBlock: true });
  assert.deepEqual(await placeOf({ ...source, prefix: `${source.prefix}\n  // a` }), {
    inText: true,
    opensBlock: false,
  });
});
