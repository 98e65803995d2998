import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as protocol from "../../../protocol";
import { download } from "../../../server/models/download";
import { listRepository, type OfferedModel } from "../../../server/models/repository";
import { startClient } from "../client";
import { type Hub, startHub } from "./hub";

const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 8)) & 255);
const files = {
  "README.md": bytes(10, 3),
  "model-Q4_K_M.gguf": bytes(300_000, 5),
  "tiny-F32.gguf": await readFile("test/engine/models/fixtures/llama.gguf"),
  "model-IQ2_XS.gguf": bytes(2000, 7),
  "mmproj-model-f16.gguf": bytes(2000, 7),
  "big/model-Q8_0-00001-of-00002.gguf": bytes(5000, 11),
  "big/model-Q8_0-00002-of-00002.gguf": bytes(6000, 13),
  "config.json": bytes(500, 17),
  "tokenizer.json": bytes(400, 19),
  "model.safetensors": bytes(3000, 23),
};
const repository = "someone/some-model";
const tiny = {
  device: "cpu" as const,
  model: { path: "test/engine/models/fixtures/llama.gguf", fillInMiddle: true, context: 256 },
};
let hub: Hub;
let folder: string;

before(async () => {
  hub = await startHub(repository, files);
});
after(() => hub.close());

async function offered(file: string): Promise<OfferedModel> {
  return (await listRepository(repository, hub.url)).find((model) => model.file === file)!;
}

/** A test with a folder of its own. */
function downloading(what: string, run: () => Promise<void>) {
  test(`download: ${what}`, async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-"));
    try {
      await run();
    } finally {
      hub.breakAfter.clear();
      hub.announced.clear();
      hub.asked.length = 0;
      await rm(folder, { recursive: true });
    }
  });
}

const run = (model: OfferedModel, signal?: AbortSignal, onProgress?: (bytes: number) => void) =>
  download(repository, model, { folder, hub: hub.url, signal, onProgress });

test("download: the models of a repository are listed, with what cannot be loaded marked", async () => {
  assert.deepEqual(
    (await listRepository(repository, hub.url)).map(({ name, file, size, refused }) => [name, file, size, !!refused]),
    [
      ["model-Q4_K_M", "model-Q4_K_M.gguf", 300_000, false],
      ["tiny-F32", "tiny-F32.gguf", files["tiny-F32.gguf"].length, false],
      ["model-IQ2_XS", "model-IQ2_XS.gguf", 2000, true],
      ["big/model-Q8_0", "big/model-Q8_0-00001-of-00002.gguf", 11_000, false],
      ["some-model (safetensors)", "", 3900, false],
    ],
  );
});

test("download: a missing repository is an error that names it", () =>
  assert.rejects(listRepository("someone/else", hub.url), /There is no repository someone\/else/));

test("download: a Hub that cannot be reached is an error with the next step", () =>
  assert.rejects(listRepository(repository, "http://127.0.0.1:1"), /could not be reached .*try again/));

downloading("a file is stored, and no other file beside it", async () => {
  const seen: number[] = [];
  const path = await run(await offered("model-Q4_K_M.gguf"), undefined, (bytes) => seen.push(bytes));
  assert.equal(path, join(folder, "model-Q4_K_M.gguf"));
  assert.deepEqual(new Uint8Array(await readFile(path)), files["model-Q4_K_M.gguf"]);
  assert.deepEqual(await readdir(folder), ["model-Q4_K_M.gguf"]);
  assert.equal(seen.at(-1), 300_000);
});

downloading("a file that is complete is not fetched again", async () => {
  await run(await offered("model-Q4_K_M.gguf"));
  await run(await offered("model-Q4_K_M.gguf"));
  assert.deepEqual(hub.asked, ["model-Q4_K_M.gguf 0"]);
});

downloading("after a broken connection the download resumes at the same byte", async () => {
  hub.breakAfter.set("model-Q4_K_M.gguf", [100_000, 50_000]);
  const path = await run(await offered("model-Q4_K_M.gguf"));
  assert.deepEqual(new Uint8Array(await readFile(path)), files["model-Q4_K_M.gguf"]);
  assert.equal(hub.asked.length, 3);
  const starts = hub.asked.map((line) => Number(line.split(" ")[1]));
  assert.ok(starts[0] === 0 && starts[1] > 0 && starts[2] > starts[1], String(starts));
});

downloading("after several attempts without a byte it fails, and the next download resumes", async () => {
  hub.breakAfter.set("model-Q4_K_M.gguf", [100_000, 0, 0, 0]);
  await assert.rejects(run(await offered("model-Q4_K_M.gguf")), /could not be reached/);
  const [part] = await readdir(folder);
  assert.match(part, /^model-Q4_K_M\.gguf\.[0-9a-f]{16}\.part$/);
  hub.breakAfter.clear();
  hub.asked.length = 0;
  const path = await run(await offered("model-Q4_K_M.gguf"));
  assert.deepEqual(new Uint8Array(await readFile(path)), files["model-Q4_K_M.gguf"]);
  assert.notDeepEqual(hub.asked, ["model-Q4_K_M.gguf 0"]);
});

downloading("a file with a wrong hash is refused and removed", async () => {
  for (const [file, hash] of [
    ["model-Q4_K_M.gguf", "0".repeat(64)],
    ["tokenizer.json", "0".repeat(40)],
  ]) {
    hub.announced.set(file, hash);
    const model = await offered(file.endsWith(".gguf") ? file : "");
    await assert.rejects(
      run(model),
      new RegExp(`^HubError: ${file} of ${repository} arrived damaged: .* try again\\.$`),
    );
    assert.ok(!(await readdir(folder)).some((name) => name.startsWith(file)));
  }
});

downloading("a resumed file is checked as a whole", async () => {
  const model = await offered("model-Q4_K_M.gguf");
  const part = join(folder, `model-Q4_K_M.gguf.${model.files[0].hash.value.slice(0, 16)}.part`);
  await writeFile(part, bytes(1000, 99));
  await assert.rejects(run(model), /arrived damaged/);
  await run(model);
});

downloading("it can be cancelled, and the next download succeeds", async () => {
  const controller = new AbortController();
  const model = await offered("model-Q4_K_M.gguf");
  await assert.rejects(
    run(model, controller.signal, (bytes) => bytes > 0 && controller.abort()),
    { name: "AbortError" },
  );
  const path = await run(model);
  assert.deepEqual(new Uint8Array(await readFile(path)), files["model-Q4_K_M.gguf"]);
});

downloading("a model in several files is fetched as a whole", async () => {
  const path = await run(await offered("big/model-Q8_0-00001-of-00002.gguf"));
  assert.equal(path, join(folder, "big/model-Q8_0-00001-of-00002.gguf"));
  assert.equal((await readdir(join(folder, "big"))).length, 2);
});

downloading("safetensors are fetched as a folder, with config and tokenizer", async () => {
  assert.equal(await run(await offered("")), folder);
  assert.deepEqual((await readdir(folder)).sort(), ["config.json", "model.safetensors", "tokenizer.json"]);
});

test("download: the server reports the progress, and the model can be selected", async () => {
  const storage = await mkdtemp(join(tmpdir(), "glassbox-"));
  const client = await startClient({ settings: tiny, storage, env: { HF_ENDPOINT: hub.url } });
  const progress: string[] = [];
  client.onProgress(({ kind, percentage }) => progress.push(`${kind} ${percentage ?? ""}`));
  const offer = await client.request(protocol.repository, { repository });
  assert.ok("models" in offer && offer.models.length === 5);

  const result = await client.request(protocol.downloadModel, { repository, file: "tiny-F32.gguf" });
  assert.ok("path" in result, JSON.stringify(result));
  assert.equal(result.path, join(storage, "models", repository, "tiny-F32.gguf"));
  assert.equal(progress[0], "begin 0");
  assert.equal(progress.at(-2), "report 100");
  assert.equal(progress.at(-1), "end ");
  const chosen = await client.request(protocol.selectModel, { path: result.path });
  assert.ok("model" in chosen && chosen.model.origin === "downloaded", JSON.stringify(chosen));
  const models = await client.request(protocol.models, {});
  assert.deepEqual(
    models.map(({ path }) => path),
    ["", result.path],
  );

  const refused = await client.request(protocol.downloadModel, { repository, file: "model-IQ2_XS.gguf" });
  assert.ok("problem" in refused && /IQ2_XS/.test(refused.problem.message));
  const missing = await client.request(protocol.repository, { repository: "someone/else" });
  assert.ok("problem" in missing && /someone\/else/.test(missing.problem.message));
  await client.stop();
  await rm(storage, { recursive: true });
});
