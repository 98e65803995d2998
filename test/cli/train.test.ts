// `glassbox train` and `eval`, on the smallest of models.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fixture } from "../engine/models/open";
import { project } from "../server/lesson/project";
import { glassbox, type Ran, startGlassbox } from "./glassbox";

const model = ["--model", fixture("llama.gguf"), "--device", "cpu", "--threads", "1"];
let folder: string;
const inFolder = (name: string) => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-train-"));
  await mkdir(inFolder("src"));
  for (const [uri, text] of project.files)
    if (uri.includes("/src/")) await writeFile(inFolder(uri.slice(project.folder.length + 1)), text);
  await writeFile(inFolder("src/picture.png"), Buffer.of(0x89, 0x50, 0x4e, 0x47, 0));
});
after(() => rm(folder, { recursive: true }));

function done({ code, out, err }: Ran): string {
  assert.equal(code, 0, err);
  return out;
}

const train = (out: string, ...args: string[]) => ["train", inFolder("src"), "--out", inFolder(out), ...model, ...args];

let first: Promise<Ran> | undefined;
/** Trains a.gguf, once for all tests that need an adapter. */
const trainFirst = () => (first ??= glassbox(train("a.gguf", "--steps", "20", "--rank", "4")));

test("train writes an adapter that lowers the held-out loss, and prints the report", async () => {
  const ran = await trainFirst();
  const report = JSON.parse(done(ran));
  assert.equal(report.steps, 20);
  assert.ok(report.heldOutLoss.after < report.heldOutLoss.before);
  assert.match(ran.err, /; 3 left out\n {2}.*: copy\.ts\n {2}.*: deploy\.ts\n {2}.*: picture\.png\n/);
  assert.match(ran.err, /step 20 of 20 {2}loss [\d.]+ {2}held out [\d.]+ {2}0\.0 minutes left/);
  assert.ok(!(await readdir(folder)).includes("a.gguf.progress"));
  const info = JSON.parse(done(await glassbox(["adapter", "info", inFolder("a.gguf"), "--model", model[1]])));
  assert.deepEqual([info.name, info.rank, info.alpha], ["a", 4, 8]);
  assert.equal(info.metadata.report.steps, 20);

  const evaluate = async (...adapter: string[]) =>
    JSON.parse(done(await glassbox(["eval", inFolder("src/RedApple.ts"), ...model, ...adapter])));
  const [plain, taught] = [await evaluate(), await evaluate("--adapter", inFolder("a.gguf"))];
  assert.ok(taught.loss < plain.loss, `${taught.loss} < ${plain.loss}`);
  assert.deepEqual([plain.files, plain.tokens, plain.lines > 5], [1, taught.tokens, true]);
});

test("train --from continues an adapter and keeps its kind, rank and fill-in-the-middle marks", async () => {
  const marks = ["--marks", "<s>,</s>,<unk>"];
  const first = JSON.parse(done(await glassbox(train("c.gguf", "--steps", "10", "--rank", "4", ...marks))));
  const from = ["--from", inFolder("c.gguf")];
  const second = JSON.parse(done(await glassbox(train("d.gguf", "--steps", "10", ...from))));
  assert.ok(Math.abs(second.heldOutLoss.before - first.heldOutLoss.after) < 1e-4);
  assert.ok(second.heldOutLoss.after < first.heldOutLoss.after);
  const { rank, metadata } = JSON.parse(
    done(await glassbox(["adapter", "info", inFolder("d.gguf"), "--model", model[1]])),
  );
  assert.deepEqual([rank, metadata.fillInMiddle.middle], [4, "<unk>"]);
  const other = await glassbox(train("e.gguf", "--rank", "8", ...from));
  assert.match(other.err, /the adapter of --from is a lora of rank 4; leave out --adapter-kind and --rank/);
});

/** The parts of a report that do not depend on time. */
function outcome(out: string): Record<string, unknown> {
  const { minutes: _, adapter: __, ...report } = JSON.parse(out);
  return report;
}

test("the same command resumes a train that was killed, and comes to the same result", async () => {
  const steps = ["--steps", "60"];
  const whole = outcome(done(await glassbox(train("whole.gguf", ...steps))));
  const killed = startGlassbox(train("b.gguf", ...steps));
  await killed.until(/step 30 /);
  await killed.kill();
  const other = await glassbox(train("b.gguf", "--steps", "61"));
  assert.equal(other.code, 1);
  assert.match(other.err, /b\.gguf\.progress holds the progress of a training .* with other options; --restart starts/);
  const goneOn = await glassbox(train("b.gguf", ...steps));
  assert.match(goneOn.err, /^resuming after step \d+ of 60$/m);
  assert.deepEqual(outcome(done(goneOn)), whole);
  assert.ok(!(await readdir(folder)).includes("b.gguf.progress"));
});

test("after Ctrl+C or SIGTERM in train the same command resumes after the last step, and --restart starts again", async () => {
  const minutes = ["--minutes", "0.5"];
  const first = startGlassbox(train("c0.gguf", ...minutes));
  await first.until(/step 3 /);
  const { code, err } = await first.interrupt();
  assert.equal(code, 130, err);
  assert.match(err, /Stopping; press Ctrl\+C again to end at once\./);
  assert.match(err, /glassbox train: stopped; the same command resumes it, and --restart starts again\n$/);
  const [, last, steps] = [...err.matchAll(/^step (\d+) of (\d+) /gm)].at(-1)!;
  assert.ok(!(await readdir(folder)).includes("c0.gguf"));
  const kept = await readdir(inFolder("c0.gguf.progress"));
  assert.deepEqual(kept.sort(), ["notes.json", "progress.gguf"]);
  for (const name of kept) {
    const text = await readFile(inFolder(`c0.gguf.progress/${name}`), "utf8");
    assert.doesNotMatch(text, /export function|what the shop knows|price: number/);
  }

  const second = startGlassbox(train("c0.gguf", ...minutes));
  await second.until(/^resuming after .*$/m);
  const again = await second.interrupt("SIGTERM");
  assert.match(again.err, new RegExp(`^resuming after step ${last} of ${steps}$`, "m"));
  assert.equal(again.code, 130, again.err);

  const restarted = await glassbox(train("c0.gguf", "--steps", "2", "--restart"));
  assert.equal(outcome(done(restarted)).steps, 2);
  assert.doesNotMatch(restarted.err, /resuming/);
});

test("Ctrl+C before any progress is saved ends train at once", async () => {
  const begun = startGlassbox(train("early.gguf", "--minutes", "1", "--rank", "64"));
  await begun.until(/left out/);
  const { err } = await begun.interrupt();
  assert.doesNotMatch(err, /step 1 /);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith("early")));
});

test("a rank above the model's width is refused", async () => {
  const { code, err } = await glassbox(train("wide.gguf", "--rank", "9999"));
  assert.equal(code, 2);
  assert.match(err, /--rank takes a number up to 64, the width of this model, not 9999/);
});

test("train --jsonl learns the responses of pairs, and leaves out pairs that may hold a secret", async () => {
  const pairs = Array.from({ length: 30 }, (_, i) => ({ prompt: `Say ${i}: `, response: `It is ${i}, and no more.` }));
  const jsonl = inFolder("pairs.jsonl");
  pairs[3].response = pairs[8].response = `password = "${["x7Gk2", "pQ9vLm4", "Zr8"].join("")}"`;
  await writeFile(jsonl, pairs.map((pair) => JSON.stringify(pair)).join("\n"));
  const out = ["--out", inFolder("pairs.gguf"), "--replay-weight", "0", "--adapter-kind", "loramoe"];
  const trained = await glassbox(["train", "--jsonl", jsonl, ...out, ...model, "--minutes", "0.05"]);
  const chosen = /^28 pairs; 2 left out\n {2}It may hold a password, a key or a token: pair 4, pair 9\n/;
  assert.match(trained.err, chosen);
  const report = JSON.parse(done(trained));
  assert.ok(report.heldOutLoss.after < report.heldOutLoss.before);
  assert.equal(report.exactMatch.lines, 0);
  await writeFile(jsonl, '{"prompt": 1}\n');
  const wrong = await glassbox(["train", "--jsonl", jsonl, ...out, ...model]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /Line 1 should be/);
});

test("train with --adapter starts from the loss with that adapter, which stays as it is", async () => {
  done(await trainFirst());
  const bytes = await readFile(inFolder("a.gguf"));
  const report = JSON.parse(
    done(await glassbox(train("on-top.gguf", "--steps", "5", "--adapter", inFolder("a.gguf")))),
  );
  assert.deepEqual(await readFile(inFolder("a.gguf")), bytes);
  const plain = JSON.parse(done(await glassbox(train("alone.gguf", "--steps", "5"))));
  assert.ok(report.heldOutLoss.before < plain.heldOutLoss.before, "the first adapter is in use during training");
  assert.ok(report.heldOutLoss.after < report.heldOutLoss.before);
});

test("train --marks teaches the model to fill in the middle, and eval --gaps measures it", async () => {
  const marks = ["--marks", "<s>,</s>,<unk>"];
  done(await glassbox(train("gaps.gguf", "--steps", "2", ...marks)));
  const gaps = ["--gaps", "5", "--lines", "1"];
  const report = JSON.parse(
    done(await glassbox(["eval", inFolder("src/RedFig.ts"), ...model, "--adapter", inFolder("gaps.gguf"), ...gaps])),
  );
  assert.equal(report.gaps, 5);
  assert.ok(report.filled >= 0 && report.filled <= 1);
  const wrong = await glassbox(train("gaps.gguf", "--marks", "<s>,</s>"));
  assert.match(wrong.err, /--marks takes three special tokens, not “<s>,<\/s>”/);
  const unknown = await glassbox(train("gaps.gguf", "--marks", "<a>,<b>,<c>"));
  assert.match(unknown.err, /The fill-in-the-middle mark "<a>" is not a special token of this model/);
});

test("adapter export --type f16 halves the file", async () => {
  done(await trainFirst());
  const [from, to] = [inFolder("a.gguf"), inFolder("half.gguf")];
  done(await glassbox(["adapter", "export", from, to, "--type", "f16", "--model", model[1]]));
  const [whole, half] = await Promise.all([from, to].map(async (path) => (await stat(path)).size));
  assert.ok(half < 0.6 * whole, `${half} of ${whole} bytes`);
  assert.match(done(await glassbox(["adapter", "info", to, "--model", model[1]])), /"rank": 4/);
});
