// The built-in model with the adapter that comes with it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInModel, type Engine, generateText, idsOf, loadEngine, readAdapter } from "../../../engine";

const model = builtInModel("smollm2-135m-instruct-q4_1.gguf");
const adapter = { path: builtInModel("smollm2-135m-instruct-fill-in-middle.gguf"), scale: 1 };

async function line(engine: Engine, prefix: string, suffix: string): Promise<string> {
  const encode = (text: string) => ({ ids: engine.tokenizer.encode(text, { continues: true }) });
  const prompt = engine.fillInMiddle!.layout({ prefix: [encode(prefix)], suffix: [encode(suffix)] });
  let text = "";
  for await (const piece of generateText(engine, idsOf(prompt), { maxTokens: 24, stopStrings: ["\n"] })) text += piece;
  return text;
}

test("the adapter of the built-in model fills in the middle of a line, also while others are attached on top and after", async () => {
  const engine = await loadEngine(model, { device: "cpu", context: 128, adapters: [adapter] });
  const body = "i++) {\n    console.log(items[i]);\n  }\n}\n";
  const fill = () => line(engine, "function print(items) {\n  for (let i = 0; ", body);
  assert.match(await fill(), /^i < items\.length; /);
  const read = await readAdapter(adapter.path);
  const zeros = [...read.tensors].map(
    ([name, { shape, values }]) => [name, { shape, values: values.map(() => 0) }] as const,
  );
  await engine.adapt([{ adapter: { ...read, metadata: {}, tensors: new Map(zeros) }, scale: 1 }]);
  assert.match(await fill(), /^i < items\.length; /);
  await engine.adapt([]);
  assert.match(await fill(), /^i < items\.length; /);
  await engine.dispose();
});

test("without its adapter the built-in model has no fill-in-the-middle form", async () => {
  const engine = await loadEngine(model, { device: "cpu", context: 128 });
  assert.equal(engine.fillInMiddle, undefined);
  await engine.dispose();
});
