// Attention and its options against transformers: values and gradients, and the same token by token through a KV cache.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createDevice } from "../../../engine/device";
import { gradients } from "../../../engine/graph/autograd";
import { plan } from "../../../engine/graph/plan";
import { range, state, type Tensor, zeros } from "../../../engine/graph/tensor";
import { Attention, type AttentionConfig, cosSinTable, kvCache, packed, weightsOf } from "../../../engine/nn";
import { mul } from "../../../engine/ops";
import { assertClose } from "../check";
import { devices } from "../models/open";

/** Arrays are float32 in base64. */
interface Case {
  config: Omit<AttentionConfig, "rope">;
  weights: Record<string, { shape: number[]; values: string }>;
  x: string;
  upstream: string;
  y: string;
  gradients: Record<string, string>;
}

const root = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/"));
const path = new URL(`${root}/test/engine/nn/fixtures/attention.json`);
const cases: Record<string, Case> = JSON.parse(await readFile(path, "utf8"));

const floats = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);

/** The case's attention, and its weights as states of the device. */
function attentionOf({ config, weights }: Case) {
  const made: Record<string, Tensor> = {};
  const infos = Object.entries(weights).map(
    ([name, { shape }]) => [name, { name, shape, type: "f32" as const, bytes: 0 }] as const,
  );
  const found = weightsOf(new Map(infos), [], ({ name, shape }) => (made[name] = state(name, shape)));
  const rope = { base: 10000, rotated: config.headDim, interleaved: false };
  return { attention: new Attention(found, { ...config, rope }, 0, cosSinTable(64, rope)), made };
}

for (const choice of devices)
  for (const [name, known] of Object.entries(cases)) {
    const { width } = known.config;
    const n = floats(known.x).length / width;

    test(`${name} on ${choice}: attention and its gradients are transformers'`, async () => {
      const { attention, made } = attentionOf(known);
      const [x, upstream] = [state("x", [n, width]), state("upstream", [n, width])];
      const y = attention.forward(x, { positions: range(0, n), cache: packed(zeros(n)) });
      const parameters: Record<string, Tensor> = { x, ...made };
      const gs = gradients(mul(y, upstream), Object.values(parameters));
      const outputs = Object.fromEntries(Object.keys(parameters).map((name, i) => [`gradient of ${name}`, gs[i]]));
      const { device } = await createDevice(choice, 2);
      try {
        const prepared = await device.prepare(plan<string>({ y, ...outputs }));
        for (const [name, { values }] of Object.entries(known.weights)) device.write(name, floats(values));
        device.write("x", floats(known.x));
        device.write("upstream", floats(known.upstream));
        await prepared.run();
        assertClose(await prepared.read("y"), floats(known.y), 1e-5);
        assert.deepEqual(Object.keys(parameters).sort(), Object.keys(known.gradients).sort());
        for (const [name, values] of Object.entries(known.gradients))
          assertClose(await prepared.read(`gradient of ${name}`), floats(values), 1e-5);
      } finally {
        await device.dispose();
      }
    });

    for (const [type, tolerance] of [
      ["f32", 1e-5],
      ["f16", 1e-3],
    ] as const)
      test(`${name} on ${choice}: token by token it is the same, with a cache of ${type}`, async () => {
        const { attention } = attentionOf(known);
        const [x, positions] = [state("x", [1, width]), state("positions", [1], "i32")];
        const y = attention.forward(x, { positions, cache: kvCache(n, positions, type) });
        const { device } = await createDevice(choice, 2);
        try {
          const prepared = await device.prepare(plan({ y }));
          for (const [name, { values }] of Object.entries(known.weights)) device.write(name, floats(values));
          for (let row = 0; row < n; row++) {
            const those = (base64: string) => floats(base64).subarray(row * width, (row + 1) * width);
            device.write("x", those(known.x));
            device.write("positions", Int32Array.of(row));
            await prepared.run();
            assertClose(await prepared.read("y"), those(known.y), tolerance);
          }
        } finally {
          await device.dispose();
        }
      });
  }
