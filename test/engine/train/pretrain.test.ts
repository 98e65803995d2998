// A tiny new model learns a small language, goes on after a stop as if there had been none, and its file is a model like
// any other, which can be trained further.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Engine, generateText, loadEngine, openCheckpoint } from "../../../engine";
import { createDevice } from "../../../engine/device";
import { storedBytes } from "../../../engine/graph/storage";
import { sizeOf } from "../../../engine/graph/tensor";
import type { Checkpoint, TensorInfo } from "../../../engine/load/checkpoint";
import { createTokenizer } from "../../../engine/text/tokenizer";
import { trainTokenizer } from "../../../engine/text/trainTokenizer";
import { type Document, documentExamples } from "../../../engine/train/data";
import { createFullTraining, valuesOf } from "../../../engine/train/full";
import { holdOut } from "../../../engine/train/heldOut";
import { newModel, shapeOf } from "../../../engine/train/newModel";
import { pack } from "../../../engine/train/pack";
import { type PretrainEvent, type PretrainOptions, pretrain } from "../../../engine/train/pretrain";
import { randomInteger } from "../../../engine/train/random";
import { fixture, logitsOf } from "../models/open";

const folder = await mkdtemp(join(tmpdir(), "glassbox-"));
after(() => rm(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

/** Counts up from some number: what comes next is known, though all words are equally frequent. */
const words = ["zero", "one", "two", "three", "four", "five", "six", "seven"];
const documents = Array.from({ length: 40 }, (_, i): Document => {
  const counted = Array.from({ length: 16 }, (_, j) => words[(randomInteger(8, 5, i) + j) % 8]);
  return { header: "", text: `${counted.join(" ")}\n` };
});
const texts = holdOut(documents, 1);
const learned = texts.learned.map(({ text }) => text);
const tokenizer = trainTokenizer(learned, 280);

const shape = shapeOf({ layers: 2, width: 32, heads: 2, kvHeads: 1, hidden: 80, context: 64 });
const fresh = () => newModel("counter", shape, tokenizer, 1);
const options: PretrainOptions = {
  ...{ steps: 90, size: 2, length: 64, rate: 0.01, seed: 1, device: "cpu", threads: 2 },
  ...{ type: "f32", saveEvery: Number.POSITIVE_INFINITY },
};

async function run(name: string, given: Partial<PretrainOptions> = {}, checkpoint = fresh(), stopAt = Infinity) {
  const losses: number[] = [];
  let begun = 0;
  const result = await pretrain(checkpoint, texts, inFolder(name), { ...options, ...given }, (event) => {
    if (event.kind === "begun") begun = event.step;
    else losses[event.step - 1] = event.loss;
    if (event.kind === "step" && event.step === stopAt) throw new Error("cut short");
  });
  return { ...result, losses, begun };
}

const whole = await run("whole.gguf");

const writtenAs = new Map<PretrainOptions["type"], ReturnType<typeof run>>();

/** Trains the model, once for each type, and writes it to `TYPE.gguf`. */
function trained(type: PretrainOptions["type"]) {
  const known = writtenAs.get(type) ?? run(`${type}.gguf`, { type });
  writtenAs.set(type, known);
  return known;
}

/** What a model that knows no order would say of the tokens held out, at best. */
function unigramLoss(): number {
  const { encode } = createTokenizer({ path: "", metadata: tokenizer });
  const ids = texts.heldOut.flatMap(({ text }) => [...encode(text), 0]);
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return ids.reduce((sum, id) => sum - Math.log(counts.get(id)! / ids.length), 0) / ids.length;
}

test("a new model learns a language in which only the order of words matters", () => {
  const { losses, loss, before, after } = whole;
  assert.equal(losses.length, options.steps);
  assert.equal(loss, losses.at(-1));
  assert.ok(Math.abs(before!.loss - Math.log(280)) < 0.1, `at first it knows nothing: ${before!.loss}`);
  assert.ok(after!.loss < unigramLoss() / 3, `${after!.loss}, but ${unigramLoss()} without order`);
  assert.ok(after!.bitsPerByte < after!.loss, "a token is several bytes");
});

test("a training that is stopped goes on to the same losses and the same file", async () => {
  const name = "cut.gguf";
  const often = { saveEvery: 0 };
  await assert.rejects(run(name, { saveEvery: 0 }, fresh(), 7), /cut short/);
  await assert.rejects(run(name, often, fresh(), 31), /cut short/);
  const rest = await run(name, often);
  assert.equal(rest.begun, 30, "the last step that was told of was not saved");
  assert.deepEqual(rest.losses.slice(30), whole.losses.slice(30));
  assert.deepEqual([rest.before, rest.after], [whole.before, whole.after]);
  const all = (checkpoint: Checkpoint) => [...checkpoint.tensors.keys()].map((name) => valuesOf(checkpoint, name));
  const [one, other] = await Promise.all(["whole.gguf", name].map((name) => openCheckpoint(inFolder(name))));
  assert.deepEqual(await Promise.all(all(one)), await Promise.all(all(other)));
  await Promise.all([one.close(), other.close()]);
});

test("another training's progress is neither gone on with nor written over", async () => {
  await assert.rejects(run("some.gguf", { saveEvery: 0 }, fresh(), 3), /cut short/);
  const kept = await readFile(inFolder("some.gguf.progress"));
  for (const other of [{ seed: 2 }, { steps: 61 }, { rate: 0.02 }])
    await assert.rejects(run("some.gguf", { saveEvery: 0, ...other }), {
      name: "CheckpointError",
      message: /some\.gguf\.progress holds the progress of a training on other texts or with other options; remove it/,
    });
  assert.deepEqual(await readFile(inFolder("some.gguf.progress")), kept);
});

test("a training that its signal ends, between steps or within one, loses none and goes on to the same", async () => {
  const name = "ended.gguf";
  const long = { steps: 30, size: 40 }; // a step takes a good part of the time between two ticks
  let last = 0;
  const until = async (end: (event: PretrainEvent, abort: AbortController) => void) => {
    const abort = new AbortController();
    const tell = (event: PretrainEvent) => {
      if (event.kind === "step") last = event.step;
      else assert.equal(event.step, last, "it goes on after the last step that was told of");
      end(event, abort);
    };
    const over = pretrain(fresh(), texts, inFolder(name), { ...options, ...long, signal: abort.signal }, tell);
    await assert.rejects(over, (reason) => reason === abort.signal.reason);
  };
  await until(({ kind, step }, abort) => kind === "step" && step === 3 && abort.abort());
  assert.equal(last, 3);
  // Nothing but the ticker lets the timers in, and it does so within a run.
  await until(({ kind }, abort) => kind === "begun" && setImmediate(() => abort.abort()));
  assert.ok(last < long.steps, `${last} of ${long.steps} steps`);
  const rest = await run(name, long);
  assert.equal(rest.begun, last);
  const { loss, after } = await run("unended.gguf", long);
  assert.deepEqual([rest.loss, rest.after], [loss, after]);
  assert.ok(!(await readdir(folder)).includes(`${name}.progress`));
});

async function withModel<T>(path: string, use: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await loadEngine(path, { device: "cpu", threads: 2, context: 64 });
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

for (const [type, stored, apart] of [
  ["f32", { f32: 20 }, 1e-5],
  ["f16", { f32: 5, f16: 15 }, 1e-3],
  // 80 values, as in the rows of ffn_down, are no whole blocks.
  ["q8_0", { f32: 5, q8_0: 13, f16: 2 }, 0.05],
] as const)
  test(`a model written as ${type} has the loss that the training had, and completes what it learned`, async () => {
    const path = inFolder(`${type}.gguf`);
    const { after } = await trained(type);
    const file = await openCheckpoint(path);
    const types = [...file.tensors.values()].map(({ type }) => type);
    await file.close();
    assert.deepEqual(countBy(types), stored);
    await withModel(path, async ({ session, tokenizer }) => {
      const loss = await lossOf(session, tokenizer);
      assert.ok(Math.abs(loss - after!.loss) < apart, `${loss}, not ${after!.loss}`);
      const prompt = tokenizer.encode("six seven zero one two");
      let text = "";
      for await (const piece of generateText({ session, tokenizer }, [tokenizer.bos!, ...prompt], { maxTokens: 12 }))
        text += piece;
      assert.match(text, /^ three four five/);
    });
  });

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Nats a token of what is held out, by completing instead of training. */
async function lossOf(session: Engine["session"], { encode, bos }: Engine["tokenizer"]): Promise<number> {
  let [sum, count] = [0, 0];
  for (const { text } of texts.heldOut) {
    const ids = [bos!, ...encode(text), bos!];
    const logits = await logitsOf(session, ids.slice(0, -1));
    for (const [row, id] of ids.slice(1).entries()) {
      const scores = logits.subarray(row * session.vocab, (row + 1) * session.vocab);
      sum += Math.log(scores.reduce((total, score) => total + Math.exp(score), 0)) - scores[id];
      count++;
    }
  }
  return sum / count;
}

test("training goes on from a file of any storage type", async () => {
  for (const [type, apart] of [
    ["f32", 0],
    ["q8_0", 0.05],
  ] as const) {
    await trained(type);
    const base = await openCheckpoint(inFolder(`${type}.gguf`));
    const { before, after } = await run("further.gguf", { steps: 20, rate: 1e-3 }, base);
    assert.ok(Math.abs(before!.loss - whole.after!.loss) <= apart, `${before!.loss} → ${after!.loss}`);
    assert.ok(after!.loss < before!.loss);
    const further = await openCheckpoint(inFolder("further.gguf"));
    const same = ([key]: [string, unknown]) => key !== "general.file_type" && key !== "general.quantization_version";
    assert.deepEqual([...further.metadata].filter(same), [...base.metadata].filter(same));
    await Promise.all([base.close(), further.close()]);
  }
});

test("with a learning rate of 0 the file written is the one read, tensors that are not trained included", async () => {
  const base = await openCheckpoint(fixture("llama-llama3.gguf"));
  const { device } = await createDevice("cpu", 2);
  try {
    const [example] = documentExamples([texts.learned[0]], {
      ...{ tokenizer: createTokenizer({ path: "", metadata: tokenizer }), form: undefined, length: 64, seed: 1 },
    });
    const data = { project: pack([example], 64), replay: [] };
    const nothing = { steps: 1, size: 1, rate: 0, replayWeight: 0, seed: 1 };
    const training = await createFullTraining(device, base, nothing, data, async () => {});
    await training.step();
    await training.write(inFolder("same.gguf"), "f32");
    const same = await openCheckpoint(inFolder("same.gguf"));
    assert.deepEqual([...same.tensors.keys()], [...base.tensors.keys()]);
    assert.ok(same.tensors.has("rope_freqs.weight"));
    for (const name of base.tensors.keys()) assert.deepEqual(await valuesOf(same, name), await valuesOf(base, name));
    await same.close();
  } finally {
    await device.dispose();
    await base.close();
  }
});

test("a new model has small random weights, smaller ones where layers write into the residual stream, and norms of 1", async () => {
  const layers = 8;
  const model = newModel("new", shapeOf({ layers, width: 64 }), tokenizer, 3);
  const deviation = async (name: string) => {
    const values = await valuesOf(model, name);
    return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  };
  for (const [name, expected] of [
    ["token_embd", 0.02],
    ["blk.3.attn_q", 0.02],
    ["blk.7.ffn_up", 0.02],
    ["blk.0.attn_output", 0.02 / Math.sqrt(2 * layers)],
    ["blk.7.ffn_down", 0.02 / Math.sqrt(2 * layers)],
    ["blk.0.attn_norm", 1],
    ["output_norm", 1],
  ] as const) {
    const found = await deviation(`${name}.weight`);
    assert.ok(Math.abs(found / expected - 1) < 0.05, `${name}: ${found}, not ${expected}`);
  }
  const same = newModel("new", shapeOf({ layers, width: 64 }), tokenizer, 3);
  const other = newModel("new", shapeOf({ layers, width: 64 }), tokenizer, 4);
  const first = await valuesOf(model, "blk.1.attn_k.weight");
  assert.deepEqual(await valuesOf(same, "blk.1.attn_k.weight"), first);
  assert.notDeepEqual(await valuesOf(other, "blk.1.attn_k.weight"), first);
  assert.notDeepEqual(await valuesOf(model, "blk.2.attn_k.weight"), first);
});

test("impossible shapes are refused", () => {
  const made = (given: Parameters<typeof shapeOf>[0]) => () => newModel("none", shapeOf(given), tokenizer, 1);
  assert.throws(made({ width: 100, heads: 3 }), /3 heads cannot share a width of 100/);
  assert.throws(made({ width: 64, heads: 4, kvHeads: 3 }), /4 heads cannot share 3 heads of keys and values/);
  assert.throws(made({ layers: 0 }), /layers should be a whole number from 1 on, not 0/);
});

test("a model that is too large to be trained in full is refused, and the error says what there is room for", async () => {
  const [width, hidden, vocab] = [8192, 32768, 280];
  const large = newModel("large", shapeOf({ layers: 1, width: 32, heads: 1, hidden: 64 }), tokenizer, 1);
  const sizes = new Map([
    [32, width],
    [64, hidden],
    [vocab, vocab],
  ]);
  const tensors = [...large.tensors].map(([name, info]): [string, TensorInfo] => {
    const shape = info.shape.map((size) => sizes.get(size)!);
    return [name, { ...info, shape, bytes: storedBytes("f32", sizeOf(shape)) }];
  });
  const metadata = new Map(large.metadata)
    .set("llama.embedding_length", width)
    .set("llama.feed_forward_length", hidden)
    .set("llama.rope.dimension_count", width);
  await assert.rejects(
    run("large.gguf", {}, { ...large, path: "large.gguf", tensors: new Map(tensors), metadata }),
    /^CheckpointError: Training all 1076.1 million weights of large.gguf takes 20.04 GB and more, but there is room for \d\.\d\d GB/,
  );
});

test("a twentieth of the text is held out, none is lost or repeated, and of a single text the end is held out", () => {
  const long = Array.from(
    { length: 200 },
    (_, i): Document => ({ header: `${i}`, text: `${i}\n`.repeat(1 + (i % 30)) }),
  );
  for (const all of [long, long.slice(0, 2), [{ header: "", text: "line\n".repeat(1000) }]]) {
    const { learned, heldOut } = holdOut(all, 7);
    const size = (documents: readonly Document[]) => documents.reduce((sum, { text }) => sum + text.length, 0);
    const share = size(heldOut) / size(all);
    assert.ok(all.length === 2 || Math.abs(share - 0.05) < 0.002, `${share}`);
    for (const { header, text } of all) {
      const of = (documents: readonly Document[]) => documents.find((one) => one.header === header)?.text ?? "";
      assert.equal(of(learned) + of(heldOut), text);
    }
    assert.ok(heldOut.every(({ text }) => /^\S/.test(text)));
    assert.deepEqual(holdOut(all, 7), { learned, heldOut });
  }
  assert.deepEqual(holdOut([{ header: "", text: "no line ends here" }], 7).heldOut, []);
});

test("empty texts are refused", async () => {
  const nothing = { learned: [{ header: "", text: "" }], heldOut: [] };
  await assert.rejects(
    pretrain(fresh(), nothing, inFolder("empty.gguf"), options, () => {}),
    /nothing to learn from/,
  );
});
