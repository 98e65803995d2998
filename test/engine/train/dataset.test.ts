import assert from "node:assert/strict";
import { test } from "node:test";
import { createDataset, layOutExamples, layOutReplay } from "../../../engine/train/dataset";
import { fineTuningOptions } from "../../../engine/train/options";
import { tiny } from "./tokenizers";

const { tokenizer, form: fillInMiddle } = tiny();
const info = { path: "", name: "tiny", architecture: "llama", parameters: 0, bytes: 0, trainedContext: 512 };
const reader = { info, tokenizer, fillInMiddle };
const texts = ["a", "b"].map((name) => ({ path: name, header: "", text: `let ${name} = 1;\n`.repeat(20) }));
const material = { learned: texts.slice(0, 1), heldOut: texts.slice(1) };

/** The dataset of a run of so many steps, and how many texts of the replay data were laid out for it. */
async function datasetOf(steps: number, replayWeight = 0.5) {
  const options = { ...fineTuningOptions("lora", steps), replayWeight };
  const examples = await layOutExamples(material, options.seed, reader);
  let laidOut = 0;
  const dataset = await createDataset(examples, material.heldOut, options, reader, async () => {
    laidOut++;
  });
  return { dataset, laidOut };
}

test("dataset: as much replay data is laid out as the steps read, and the same each time", async () => {
  const { dataset, laidOut } = await datasetOf(20);
  assert.ok(dataset.replay.length >= 20 && dataset.replay.length < 60, `${dataset.replay.length} sequences`);
  assert.equal(dataset.replayHeldOut.length, 4);
  assert.ok(laidOut < 40, `${laidOut} texts`);
  assert.deepEqual((await datasetOf(20)).dataset, dataset);
});

test("dataset: a long run reads all replay data", async () => {
  const all = await layOutReplay(1, reader);
  const { dataset } = await datasetOf(100_000);
  const targets = (weights: Iterable<number>) => [...weights].filter((weight) => weight > 0).length;
  assert.equal(
    dataset.replay.reduce((sum, { weights }) => sum + targets(weights), 0),
    all.learned.reduce((sum, { learned }) => sum + targets(learned.subarray(1)), 0),
  );
});

test("dataset: without replay data in the loss, it is laid out only to measure with", async () => {
  const { dataset } = await datasetOf(20, 0);
  assert.deepEqual(dataset.replay, []);
  assert.equal(dataset.replayHeldOut.length, 4);
});
