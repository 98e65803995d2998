// A model that computes NaN, but only for certain tokens: the first completion that reads one reports the problem.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadTokenizer } from "../../engine";
import { quantize } from "../../engine/load/quantize";
import { writeGguf } from "../../engine/load/writeGguf";
import { changed, fixture } from "../engine/models/open";
import { type Client, startClient } from "./client";

let client: Client;
let folder: string;

/**
 * Writes the fixture with weights that overflow in the first block for tokens of `text`: only their embeddings have a first
 * value other than 0, and the weights that multiply this value are huge.
 */
async function damagedAt(text: string): Promise<string> {
  const whole = await changed("llama.gguf", {});
  const tokenizer = await loadTokenizer(fixture("llama.gguf"));
  const usual = new Set([0, tokenizer.bos, ...tokenizer.encode("const a = ")]);
  const rare = new Set(tokenizer.encode(text).filter((token) => !usual.has(token)));
  assert.ok(rare.size);
  const tensors = await Promise.all([
    withFirstColumn("token_embd.weight", (row) => (rare.has(row) ? 10 : 0)),
    withFirstColumn("blk.0.attn_v.weight", () => 3e38),
  ]);
  const path = join(folder, "damaged.gguf");
  await writeGguf(path, await changed("llama.gguf", { tensors }));
  return path;

  async function withFirstColumn(name: string, first: (row: number) => number) {
    const { shape, bytes } = whole.tensors.get(name)!;
    const values = new Float32Array((await whole.read(name, 0, bytes)).slice().buffer);
    for (let row = 0; row < shape[0]; row++) values[row * shape[1]] = first(row);
    return { name, type: "f32" as const, shape, data: quantize("f32", values) };
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "glassbox-"));
  const path = await damagedAt("~");
  client = await startClient({ settings: { device: "cpu", model: { path, fillInMiddle: true, context: 256 } } });
});
after(async () => {
  await client.stop();
  await rm(folder, { recursive: true });
});

test("a completion whose logits are not numbers is empty, and the problem is reported once", async () => {
  await client.until(({ state }) => state === "ready" || state === "error");
  await client.open("file:///a.ts", "const a = |");
  await client.complete("file:///a.ts");
  assert.equal(client.statuses.at(-1)!.problem, undefined);
  for (const name of ["b", "c"]) {
    await client.open(`file:///${name}.ts`, `const ${name} = ~|`);
    assert.deepEqual(await client.complete(`file:///${name}.ts`), []);
  }
  const { problem } = await client.until((status) => status.problem !== undefined);
  assert.match(problem!.message, /^The model computes no numbers: .*Choose another file of this model/);
  assert.match(problem!.cause!, /LogitsError/);
  assert.equal(problem!.action, "selectModel");
  const told = client.statuses.map(({ problem }) => JSON.stringify(problem));
  assert.equal(told.filter((problem, i) => problem && problem !== told[i - 1]).length, 1);
});
