// A random model in each storage type: llama.cpp's top tokens, and transformers' logits over the decoded weights.

import assert from "node:assert/strict";
import { test } from "node:test";
import { blocks } from "../../../engine/graph/storage";
import { devices, furthestApart, logitsOf, readJson, withSession } from "./open";

const floats = (base64: string) => new Float32Array(new Uint8Array(Buffer.from(base64, "base64")).buffer);

/** How far logits may be from exact ones; the CPU rounds activations to 8 bits beside quantized weights. */
const tolerance = { reference: 1e-4, gpu: 1e-4, cpu: 0.2, auto: 0 };

for (const device of devices)
  for (const type of Object.keys(blocks).filter((type) => type !== "f32"))
    test(`${type} on ${device}: llama.cpp's top tokens, the decoded weights' logits`, async () => {
      const { tokens, top, exact } = await readJson(`storage/${type}.json`);
      const logits = await withSession(`storage/${type}.gguf`, device, (session) => logitsOf(session, tokens));
      const vocab = logits.length / tokens.length;
      const same = top.filter((id: number, row: number) => {
        const of = logits.subarray(row * vocab, (row + 1) * vocab);
        return of.indexOf(Math.max(...of)) === id;
      });
      assert.ok(same.length >= 0.98 * top.length, `${same.length} of ${top.length} top tokens are llama.cpp's`);
      const expected = floats(exact);
      const apart = furthestApart(logits.subarray(-expected.length), expected);
      assert.ok(apart <= tolerance[device], `furthest from exact: ${apart}`);
    });
