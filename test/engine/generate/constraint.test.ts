// A constraint chooses the first tokens; the session continues from them as if the model had sampled them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { devices, logitsOf, withSession } from "../models/open";

const prompt = Array.from({ length: 20 }, (_, i) => (i * 37 + 11) % 300);

for (const device of devices)
  test(`${device}: generation continues from the tokens that a constraint chose`, () =>
    withSession("llama.gguf", device, async (session) => {
      const chosen = [7, 250, 31];
      const rows: Float32Array[] = [];
      const constraint = {
        get done() {
          return rows.length === chosen.length;
        },
        choose: (logits: Float32Array) => ({ id: chosen[rows.push(logits.slice()) - 1], logProbability: 0 }),
      };
      const written: number[] = [];
      for await (const { id } of session.generate(prompt, { maxTokens: 8, constraint })) written.push(id);
      const alone: number[] = [];
      for await (const { id } of session.generate([...prompt, ...chosen], { maxTokens: 5 })) alone.push(id);
      assert.deepEqual(written, [...chosen, ...alone]);

      const all = await logitsOf(session, [...prompt, ...chosen]);
      for (const [i, row] of rows.entries()) {
        const expected = all.subarray((19 + i) * session.vocab, (20 + i) * session.vocab);
        for (let id = 0; id < session.vocab; id++)
          assert.ok(Math.abs(row[id] - expected[id]) < 1e-3, `row ${i}, ${id}`);
      }
    }));
