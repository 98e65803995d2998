// Lessons on the real server: plans, runs, pauses, failures, reports, and adapters that are kept.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { after, afterEach, before, test } from "node:test";
import * as protocol from "../../../protocol";
import { lessonFiles } from "../../../server/lesson/stored";
import type { Client } from "../client";
import { project, secret } from "./project";
import { control, curve, did, inState, model, plan, report, startServer } from "./teach";

let storage: string;
let client: Client;
const opened = new Set<string>();

before(async () => {
  storage = await mkdtemp(join(tmpdir(), "glassbox-lesson-"));
  client = await startServer(storage);
});
after(async () => {
  await client.stop();
  await rm(storage, { recursive: true });
});

/** No test depends on lessons or adapters of another, even if that one failed. */
afterEach(async () => {
  for (const id of await readdir(join(storage, "lessons")).catch(() => [])) await control(client, id, "discard");
  for (const { path } of await client.request(protocol.adapters, {})) await change("delete", path);
});

/** Runs a lesson and keeps its adapter, which is in use then. */
async function teach(name: string) {
  const { id } = await plan(client);
  await did(client, id, "start");
  const { examples: _, ...brought } = await report(client, id);
  return { brought, ...(await did(client, id, "keep", { name })).kept! };
}

/** The text that the model writes at the end of a document, untrimmed. */
async function completion(text = "export function find"): Promise<string> {
  const uri = `${project.folder}/${text.length}.ts`; // the same for the same text, because the prompt holds the name
  if (!opened.has(uri)) await client.open(uri, `${text}|`);
  opened.add(uri);
  await client.complete(uri, { invoked: true });
  const prompt = await client.request(protocol.showPrompt, { textDocument: { uri } });
  return prompt!.completion;
}

test("lesson: the plan lists the files taken, and those left out with the reason", async () => {
  const { taken, left, ...numbers } = await plan(client);
  assert.deepEqual(
    left.sort((a, b) => (a.path < b.path ? -1 : 1)),
    [
      { path: ".env", reason: "It may hold a password, a key or a token." },
      { path: "build/out.ts", reason: "A .gitignore file leaves it out." },
      { path: "src/copy.ts", reason: "It has the same text as another file." },
      { path: "src/deploy.ts", reason: "It may hold a password, a key or a token." },
      { path: "src/gone.ts", reason: "It could not be read." },
    ],
  );
  assert.equal(taken.length, 30);
  assert.ok(taken.some(({ heldOut }) => heldOut));
  assert.equal(
    taken.reduce((sum, { tokens, heldOut }) => sum + (heldOut ? 0 : tokens), 0),
    numbers.tokens,
  );
  for (const key of ["tokens", "steps", "epochs", "minutes", "tokensPerSecond", "memory", "parameters"] as const)
    assert.ok(numbers[key] > 0, key);
  assert.ok(Math.abs(numbers.epochs - 4) < 0.1);
});

test("lesson: no stored file holds text of a file with a secret", async () => {
  const { id } = await plan(client);
  const files = await readdir(join(storage, "lessons"), { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((f) => f.isFile()).map((f) => readFile(join(f.parentPath, f.name), "utf8")),
  );
  assert.ok(texts.some((text) => text.includes("addRedApple")));
  assert.ok(!texts.some((text) => text.includes(secret)));
  await did(client, id, "discard");
  assert.deepEqual(await readdir(join(storage, "lessons")), []);
});

test("lesson: a plan with little time takes fewer files", async () => {
  const { taken, left, tokens, epochs, steps } = await plan(client, { minutes: 0.0001 });
  assert.equal(steps, 1);
  assert.ok(taken.length < 30 && left.some(({ reason }) => reason === "There is not enough time for it."));
  assert.ok(tokens > 0 && epochs <= 1);
});

test("lesson: planning can be cancelled", async () => {
  const begun = new Promise<string>((resolve) => client.onProgress((_, token) => resolve(token)));
  begun.then((token) => client.cancelProgress(token));
  const result = await client.request(protocol.planLesson, { source: project.listed, adapter: "lora", minutes: 1 });
  assert.deepEqual(result, { cancelled: true });
});

test("lesson: pairs are learned, some are held out, and pairs with secrets are left out", async () => {
  const pair = (i: number) => JSON.stringify({ prompt: `What is ${i} and one? `, response: `${i + 1}, I think.` });
  const secret = JSON.stringify({
    prompt: "How do I sign in?",
    response: `password = "${["x7Gk2", "pQ9vLm4", "Zr8"].join("")}"`,
  });
  const lines = [secret, ...Array.from({ length: 39 }, (_, i) => pair(i))].join("\n");
  const { id, taken, left } = await plan(client, {
    source: { kind: "pairs", name: "sums.jsonl", lines },
    minutes: 0.0001,
  });
  assert.ok(taken.every(({ kind, path }) => kind === "pair" && path !== "sums.jsonl, pair 1"));
  const [reason, ...more] = left.filter(({ path }) => path === "sums.jsonl, pair 1").map(({ reason }) => reason);
  assert.equal(reason, "It may hold a password, a key or a token.");
  assert.deepEqual(more, []);
  assert.ok(taken.some(({ path, heldOut }) => heldOut && path === "sums.jsonl, pair 40"));
  await did(client, id, "start");
  const { heldOutLoss, exactMatch, steps } = await report(client, id);
  assert.ok(heldOutLoss.before > 0 && exactMatch.lines === 0 && steps === 1);
  await did(client, id, "discard");
});

test("lesson: the error names the line that is not a pair", async () => {
  const source = {
    kind: "pairs" as const,
    name: "sums.jsonl",
    lines: '{"prompt": "a", "response": "b"}\n{"prompt": 1}',
  };
  const result = await client.request(protocol.planLesson, { source, adapter: "lora", minutes: 1 });
  assert.ok("problem" in result);
  assert.match(result.problem.message, /^Line 2 should be \{"prompt": "…", "response": "…"\}/);
});

test("lesson: without a repository the error says that there are no changes", async () => {
  const source = { ...project.listed, changes: true };
  const result = await client.request(protocol.planLesson, { source, adapter: "lora", minutes: 1 });
  assert.ok("problem" in result);
  assert.match(result.problem.message, /^git log shows no changes/);
});

test("lesson: fewer than two files are refused", async () => {
  const source = { ...project.listed, files: project.listed.files.slice(0, 1) };
  const result = await client.request(protocol.planLesson, { source, adapter: "lora", minutes: 1 });
  assert.ok("problem" in result);
  assert.match(result.problem.message, /^Of 1 files 1 can be learned from\. A lesson needs two/);
});

test("lesson: it runs beside completions, pauses and resumes, and ends with a report", async () => {
  const { id, steps } = await plan(client);
  await did(client, id, "start");
  await client.untilLesson(id, ({ step }) => step > 1);
  await completion();
  assert.ok(client.lessons.at(-1)!.state === "training");

  await did(client, id, "pause", { reason: "Lunch." });
  const paused = await client.untilLesson(id, inState("paused"));
  assert.equal(paused.reason, "Lunch.");
  await completion(); // a lesson that is not paused takes a step meanwhile
  assert.deepEqual(client.lessons.at(-1), paused);
  assert.match(
    JSON.stringify(await client.request(protocol.planLesson, { source: project.listed, adapter: "lora", minutes: 1 })),
    /A lesson is going on/,
  );
  await did(client, id, "resume");
  await client.untilLesson(id, inState("training"));

  const { heldOutLoss, replayLoss, exactMatch, examples, ...spent } = await report(client, id);
  assert.ok(heldOutLoss.after < heldOutLoss.before - 1);
  assert.ok(replayLoss.after < replayLoss.before);
  assert.ok(exactMatch.lines > 10 && exactMatch.before >= 0 && exactMatch.after <= 1);
  assert.equal(examples.length, 3);
  assert.ok(examples.every(({ path, truth }) => project.files.get(`${project.folder}/${path}`)!.includes(truth)));
  assert.equal(spent.steps, steps);
  const { adapter, report: told } = lessonFiles(join(storage, "lessons", id));
  assert.deepEqual(linesOfProject(await readFile(adapter, "utf8")), []);
  assert.deepEqual(JSON.parse(await readFile(told, "utf8")).examples, examples);

  const points = curve(client, id);
  const taken = points.filter(({ loss }) => loss !== undefined).map(({ step }) => step);
  assert.deepEqual(
    taken,
    Array.from({ length: steps }, (_, i) => i + 1),
  );
  const measured = points.filter(({ heldOut }) => heldOut !== undefined);
  assert.equal(measured[0].step, 0);
  assert.equal(measured.at(-1)!.step, steps);
  assert.equal(measured.length, 5);
  assert.equal(measured[0].heldOut, heldOutLoss.before); // the curve and the report show the same measurement
  assert.equal(measured.at(-1)!.heldOut, heldOutLoss.after);
  assert.match(JSON.stringify(await control(client, "../lessons", "start")), /no longer there/);
});

test("lesson: a kept adapter is in use, also after a restart, and in its workspace only", async () => {
  const before = await completion();
  const { path: adapter, name: shown, brought } = await teach("Shop: 1/2 🍎");
  assert.equal(basename(adapter), "Shop- 1-2 🍎.gguf");
  assert.equal(shown, "Shop: 1/2 🍎");
  assert.deepEqual(await readdir(join(storage, "lessons")), []);
  const [kept, ...others] = await client.request(protocol.adapters, {});
  assert.deepEqual(others, []);
  const { path, name, kind, fits, scale, base, size, made, report } = kept;
  assert.deepEqual(
    { path, name, kind, fits, scale },
    { path: adapter, name: "Shop: 1/2 🍎", kind: "lora", fits: true, scale: 1 },
  );
  assert.ok(base && size > 0 && made > Date.now() - 600_000);
  assert.deepEqual(report, brought);

  const taught = await completion();
  assert.notEqual(taught, before);
  await client.stop();
  client = await startServer(storage);
  opened.clear();
  assert.equal(await completion(), taught);
  const elsewhere = await startServer(storage, { folders: ["file:///elsewhere"] });
  assert.equal((await elsewhere.request(protocol.adapters, {}))[0].scale, undefined);
  await elsewhere.stop();
});

/** The lines of the workspace that a text contains, of those longer than 8 characters. */
const linesOfProject = (text: string) =>
  [...project.files.values()].flatMap((file) =>
    file
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.length > 8 && text.includes(line)),
  );

/** Changes an adapter, and returns all adapters. */
async function change(
  action: protocol.ChangeAdapterParams["action"],
  path: string,
  more = {},
): Promise<protocol.Adapter[]> {
  const result = await client.request(protocol.changeAdapter, { action, path, ...more });
  assert.ok("adapters" in result, JSON.stringify(result));
  return result.adapters;
}

test("lesson: an adapter is scaled, exported, imported and deleted", async () => {
  const { path, name } = await teach("Shop: 1/2 🍎");
  const taught = await completion();
  assert.equal((await change("use", path, { scale: 0 }))[0].scale, undefined);
  const plain = await completion();
  assert.notEqual(plain, taught);
  assert.equal((await change("use", path, { scale: 0.5 }))[0].scale, 0.5);

  const [gguf, peft, merged] = ["a.gguf", "peft", "merged.gguf"].map((name) => join(storage, name));
  await change("export", path, { target: gguf });
  await change("export", path, { target: peft });
  for (const file of [path, gguf, join(peft, "adapter_model.safetensors"), join(peft, "adapter_config.json")])
    assert.deepEqual(linesOfProject(await readFile(file, "utf8")), []);
  const all = await change("import", peft);
  assert.deepEqual(all.map(({ name }) => name).sort(), [name, `${name} 2`]);
  const copy = all.find((adapter) => adapter.path !== path)!;
  await change("use", path, { scale: 0 });
  await change("use", copy.path);
  assert.equal(await completion(), taught);

  await change("merge", path, { target: merged, scale: 1 });
  assert.deepEqual(
    (await change("delete", copy.path)).map(({ path, scale }) => [path, scale]),
    [[path, undefined]],
  );
  assert.equal(await completion(), plain);
  const selected = await client.request(protocol.selectModel, { path: merged });
  assert.ok("model" in selected);
  assert.equal(selected.model.name, "merged");
  await client.request(protocol.selectModel, { path: model });

  for (const [action, file, sentence] of [
    ["use", "/etc/passwd", /not one of the stored adapters/],
    ["delete", "/etc/passwd", /not one of the stored adapters/],
    ["import", model, /is no adapter/],
    ["import", "/nowhere", /nowhere/],
    ["export", path, /No file or folder to write to was given/],
  ] as const) {
    const result = await client.request(protocol.changeAdapter, { action, path: file });
    assert.ok("problem" in result);
    assert.match(result.problem.message, sentence);
  }
});

test("lesson: it pauses while another model is loaded, and resumes with its own", async () => {
  const { id } = await plan(client);
  await did(client, id, "start");
  await client.untilLesson(id, ({ step }) => step > 1);
  await client.request(protocol.selectModel, { path: "test/engine/models/fixtures/qwen2.gguf" });
  const { reason } = await client.untilLesson(id, inState("paused"));
  assert.match(reason!, /^The lesson is for llama\. It goes on when that model is loaded\.$/);
  assert.match(JSON.stringify(await control(client, id, "resume")), /The lesson is for llama/);
  await client.request(protocol.selectModel, { path: model });
  await report(client, id);
  await did(client, id, "discard");
});

test("lesson: progress and time left are reported, and progress never decreases", async () => {
  const { id, minutes, measuring } = await plan(client);
  assert.ok(measuring > 0 && measuring < minutes, `${measuring} of ${minutes} minutes`);
  await did(client, id, "start");
  await report(client, id);
  const told = client.lessons.filter((lesson) => lesson.id === id);
  for (const [i, { progress }] of told.entries()) assert.ok(progress <= 1 && progress >= (told[i - 1]?.progress ?? 0));
  const training = told.filter(({ state }) => state === "training");
  assert.ok(training.length > 1);
  assert.ok(training.every(({ secondsLeft }) => secondsLeft! > 0));
  assert.ok(training[0].progress > 0 && training.at(-1)!.progress < 1);
  assert.equal(told.at(-1)!.progress, 1);
  await did(client, id, "discard");
});

test("lesson: a stop is reported at once, and abandons the current step", async () => {
  const { id } = await plan(client);
  await did(client, id, "start");
  await client.untilLesson(id, ({ step }) => step > 1);
  await did(client, id, "stop");
  const stopping = client.lessons.findIndex((lesson) => lesson.id === id && lesson.state === "stopping");
  assert.ok(stopping > 0);
  const { steps } = await report(client, id);
  const later = client.lessons.slice(stopping).map(({ state }) => state);
  assert.deepEqual([...new Set(later)], ["stopping", "measuring", "done"]);
  assert.equal(curve(client, id).filter(({ loss }) => loss !== undefined).length, steps);
  await did(client, id, "discard");
});

test("lesson: starting a lesson cancels the planning of another", async () => {
  const first = await plan(client);
  const second = client.request(protocol.planLesson, { source: project.listed, adapter: "lora", minutes: 1 });
  await new Promise<void>((resolve) => client.onProgress(() => resolve()));
  await did(client, first.id, "start");
  assert.deepEqual(await second, { cancelled: true });
  await client.untilLesson(first.id, ({ step }) => step > 0);
  await did(client, first.id, "discard");
});

test("lesson: if it is stopped it is measured and can be kept; before its first step it has no result", async () => {
  const { id, steps } = await plan(client, { adapter: "loramoe" });
  await did(client, id, "start");
  await client.untilLesson(id, ({ step }) => step > 1);
  await did(client, id, "pause");
  await did(client, id, "stop");
  const brought = await report(client, id);
  assert.ok(brought.steps > 1 && brought.steps < steps, `${brought.steps} of ${steps}`);
  const { path: adapter } = (await did(client, id, "keep")).kept!;
  const [kept] = await client.request(protocol.adapters, {});
  assert.deepEqual([kept.path, kept.name, kept.kind, kept.scale], [adapter, "shop", "loramoe", 1]);

  const other = await plan(client);
  await did(client, other.id, "start");
  await did(client, other.id, "stop");
  await client.untilLesson(other.id, inState("stopped"));
  await did(client, other.id, "start");
  await client.untilLesson(other.id, ({ step }) => step > 0);
  await did(client, other.id, "discard");
  assert.deepEqual(await readdir(join(storage, "lessons")), []);
});

test("lesson: it pauses while the disk is full, and starts again if its progress is damaged", async () => {
  const { id } = await plan(client);
  const progress = join(storage, "lessons", id, "progress");
  await mkdir(progress);
  await symlink("/dev/full", join(progress, "progress.gguf.partial")); // nothing can be written there
  await did(client, id, "start");
  const { reason } = await client.untilLesson(id, inState("paused"));
  assert.match(reason!, /progress\.gguf could not be written: the disk is full\. Make room, then resume the lesson\.$/);
  await did(client, id, "resume");
  await client.untilLesson(id, ({ step }) => step > 1);
  await client.kill();
  await truncate(join(progress, "progress.gguf"), 1000);
  client = await startServer(storage);
  await did(client, id, "start");
  const again = await client.untilLesson(id, ({ reason }) => reason !== undefined);
  assert.match(again.reason!, /progress\.gguf.*\. The training starts again from the beginning\.$/);
  await report(client, id);
  await did(client, id, "discard");
});

test("lesson: it can be exported as a folder for a larger machine", async () => {
  const { id } = await plan(client);
  const folder = join(storage, "job");
  const result = await client.request(protocol.exportLesson, { id, folder });
  assert.ok("files" in result, JSON.stringify(result));
  assert.deepEqual(result.files.map((file) => relative(folder, file)).sort(), [
    "README.md",
    "config.json",
    ...["held_out", "replay", "replay_held_out", "train"].map((name) => `data/${name}.jsonl`),
    "train.py",
  ]);
  for (const file of result.files) assert.ok((await readFile(file, "utf8")).length > 100, file);
  const { rank, target_modules } = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
  assert.equal(rank, 16);
  assert.equal(target_modules.length, 7);
  const [row] = (await readFile(join(folder, "data/train.jsonl"), "utf8")).split("\n");
  const { input_ids, completion_mask } = JSON.parse(row);
  assert.equal(input_ids.length, completion_mask.length);
  assert.ok(completion_mask.includes(0) && completion_mask.includes(1)); // the path, and the text
});
