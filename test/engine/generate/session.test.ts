// Sessions: the KV cache never changes the result.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session, Written } from "../../../engine";
import type { DeviceProperties } from "../../../engine/device/device";
import { nextTurn } from "../../../engine/nextTurn";
import { changed, devices, logitsOf, withSession } from "../models/open";

const tokens = Array.from({ length: 40 }, (_, i) => (i * 37 + 11) % 300);

async function collect(writing: AsyncGenerator<Written, void>): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of writing) ids.push(id);
  return ids;
}

const greedily = (session: Session, prompt: number[], maxTokens = 12) =>
  collect(session.generate(prompt, { maxTokens }));

for (const device of devices) {
  test(`${device}: a prompt continues alike whether it is read whole, token by token, or after a rollback`, () =>
    withSession("llama.gguf", device, async (session) => {
      const whole = await greedily(session, tokens);
      for (const cut of [1, 17, 39]) {
        await session.prefill([...tokens.slice(0, cut), 5, 6, 7]); // the next prompt rolls back to `cut`
        for (const token of tokens.slice(cut).keys()) await session.prefill(tokens.slice(0, cut + token + 1));
        assert.deepEqual([...session.cached], tokens);
        assert.deepEqual(await greedily(session, tokens), whole);
      }
    }));

  test(`${device}: the continuation of a prompt does not depend on the prompts before`, () =>
    withSession("llama.gguf", device, async (session) => {
      const fresh = await greedily(session, tokens);
      assert.equal(fresh.length, 12);
      await greedily(session, [1, 2, 3]);
      assert.deepEqual(await greedily(session, tokens), fresh);
      await session.prefill(tokens.slice(0, 20));
      assert.deepEqual(await greedily(session, tokens), fresh);
      assert.deepEqual(await greedily(session, [...tokens, ...fresh.slice(0, 4)], 8), fresh.slice(4));
    }));

  test(`${device}: greedy generation takes the token of the highest logit`, () =>
    withSession("qwen2.gguf", device, async (session) => {
      const written = await greedily(session, tokens.slice(0, 9), 6);
      const all = [...tokens.slice(0, 9), ...written];
      const logits = await logitsOf(session, all);
      const vocab = logits.length / all.length;
      const best = written.map((_, i) => {
        const row = logits.subarray((8 + i) * vocab, (9 + i) * vocab);
        return row.indexOf(Math.max(...row));
      });
      assert.deepEqual(written, best);
    }));

  for (const sampling of [undefined, { temperature: 1.5, topK: 30, repetition: { penalty: 1.3, window: 8 }, seed: 3 }])
    test(`${device}: every token comes with its log-probability under the model, ${sampling ? "sampled" : "greedy"}`, () =>
      withSession("qwen2.gguf", device, async (session) => {
        const written: Written[] = [];
        for await (const token of session.generate(tokens.slice(0, 9), { maxTokens: 8, sampling })) written.push(token);
        const all = [...tokens.slice(0, 9), ...written.map(({ id }) => id)];
        const logits = await logitsOf(session, all);
        for (const [i, { id, logProbability }] of written.entries()) {
          const row = logits.subarray((8 + i) * session.vocab, (9 + i) * session.vocab);
          const mass = row.reduce((sum, logit) => sum + Math.exp(logit - row[id]), 0);
          assert.ok(Math.abs(logProbability + Math.log(mass)) < 1e-3, `token ${i}: ${logProbability}`);
        }
      }));

  test(`${device}: the same seed samples the same tokens, and another seed others`, () =>
    withSession("llama.gguf", device, async (session) => {
      const draw = (seed: number) =>
        collect(session.generate(tokens, { maxTokens: 16, sampling: { temperature: 1.5, topP: 0.95, seed } }));
      const first = await draw(7);
      assert.deepEqual(await draw(7), first);
      assert.notDeepEqual(await draw(8), first);
    }));
}

test("prefill reads only the rest of a prompt that begins like the last one", () =>
  withSession("llama.gguf", "cpu", async (session) => {
    await session.prefill(tokens);
    const prompt = [...tokens.slice(0, 30), 5, 6, 7];
    await assert.rejects(session.prefill(prompt, AbortSignal.abort()), { name: "AbortError" });
    assert.deepEqual([...session.cached], tokens.slice(0, 30)); // it is aborted before it reads what is new
  }));

test("prefill tells how many tokens were in the cache and how many it computed", () =>
  withSession("llama.gguf", "cpu", async (session) => {
    assert.deepEqual(await session.prefill(tokens), { reused: 0, read: 40 });
    assert.deepEqual(await session.prefill(tokens), { reused: 40, read: 0 });
    assert.deepEqual(await session.prefill([...tokens.slice(0, 30), 5, 6]), { reused: 30, read: 2 });
    assert.deepEqual(await session.prefill(tokens.slice(0, 10)), { reused: 10, read: 0 });
    assert.deepEqual(await session.prefill([299, ...tokens]), { reused: 0, read: 41 });
  }));

test("a stop token ends generation and is not yielded", () =>
  withSession("llama.gguf", "cpu", async (session) => {
    const all = await greedily(session, tokens);
    const stop = new Set([all[3]]);
    const cut = await collect(session.generate(tokens, { maxTokens: 12, stop }));
    assert.deepEqual(cut, all.slice(0, all.indexOf(all[3])));
  }));

test("an aborted request throws its reason and leaves the session usable", () =>
  withSession("llama.gguf", "cpu", async (session) => {
    const expected = await greedily(session, tokens);
    const abort = new AbortController();
    const writing = session.generate([9, 9, 9], { maxTokens: 50, signal: abort.signal });
    await writing.next();
    abort.abort(new Error("not wanted any more"));
    await assert.rejects(writing.next(), /not wanted any more/);
    assert.deepEqual(await greedily(session, tokens), expected);
  }));

test("prefill of an aborted prompt stops at the end of the chunk in progress, which is the device's at most", async () => {
  const checkpoint = await changed("llama.gguf", { metadata: { "llama.context_length": 8192 } });
  const long = Array.from({ length: 8000 }, (_, i) => (i * 37 + 11) % 300);
  const use = async (session: Session, { chunk }: DeviceProperties) => {
    const abort = new AbortController();
    const reading = session.prefill(long, abort.signal);
    const givenUp = assert.rejects(reading, /not wanted any more/);
    while (session.cached.length < 2000) await nextTurn();
    const before = session.cached.length;
    abort.abort(new Error("not wanted any more"));
    await givenUp;
    const after = session.cached.length - before;
    assert.ok(after <= chunk, `${after} tokens were read after the abort; a chunk has ${chunk} at most`);
  };
  await withSession(checkpoint, "cpu", use, 8192);
});

test("a prompt longer than the context is refused with its length; generation ends where the context does", () =>
  withSession(
    "llama.gguf",
    "cpu",
    async (session) => {
      await assert.rejects(greedily(session, tokens), /The prompt has 39 tokens; the context holds 32/);
      assert.equal((await greedily(session, tokens.slice(0, 30), 50)).length, 2);
      await assert.rejects(greedily(session, []), /at least one token/);
    },
    32,
  ));
