import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInModel, idsOf, marksOf, openCheckpoint } from "../../../engine";
import { adapterFillInMiddle } from "../../../engine/text/adapterFillInMiddle";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { openFixture } from "./fixtures";

const checkpoint = await openCheckpoint(builtInModel("smollm2-135m-instruct-q4_1.gguf"));
const tokenizer = createTokenizer(checkpoint);
const smolLm2Marks = { prefix: "<repo_name>", suffix: "<filename>", middle: "<jupyter_code>" };
const gap = {
  prefix: [{ ids: tokenizer.encode("P") }],
  suffix: [{ ids: tokenizer.encode("S", { continues: true }) }],
};

test("an adapter's marks are read from its metadata, and are undefined where one is missing", () => {
  assert.deepEqual(marksOf({ fillInMiddle: smolLm2Marks }), smolLm2Marks);
  assert.equal(marksOf({ made: "today" }), undefined);
  assert.equal(marksOf({ fillInMiddle: { prefix: "<repo_name>", suffix: 1 } }), undefined);
});

test("the built-in model's form puts the suffix first, so that the prefix is at the end of the prompt", () => {
  const form = adapterFillInMiddle(tokenizer, smolLm2Marks);
  const ids = idsOf(form.layout(gap));
  assert.equal(tokenizer.decode(ids, { special: true }), "<repo_name><filename>S<jupyter_code>P");
  assert.equal(ids.length, 5, "each mark is one token");
});

test("the built-in model's marks differ in its embedding, which most of its unused tokens do not", async () => {
  const bytes = checkpoint.tensors.get("token_embd.weight")!.bytes / tokenizer.vocabSize;
  const row = async (name: string) => {
    const at = tokenizer.specialId(name)! * bytes;
    return Buffer.from(await checkpoint.read("token_embd.weight", at, bytes)).toString("hex");
  };
  assert.equal(await row("<file_sep>"), await row("<jupyter_start>"));
  const marks = await Promise.all(Object.values(smolLm2Marks).map(row));
  assert.equal(new Set(marks).size, 3);
});

test("a mark that the model does not have is named", () =>
  assert.throws(() => adapterFillInMiddle(openFixture("gpt-2"), smolLm2Marks), /"<repo_name>" is not a special token/));
