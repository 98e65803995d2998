// Gradients of traces as long as those of training.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createWasmDevice } from "../../../engine/device/wasm";
import { gradients } from "../../../engine/graph/autograd";
import { plan } from "../../../engine/graph/plan";
import { state, type Tensor } from "../../../engine/graph/tensor";
import { add, mul } from "../../../engine/ops";

test("gradients of a chain of 20,000 calls do not overflow the stack", async () => {
  const [x, p] = [state("x", [2]), state("p", [2])];
  let y: Tensor = mul(x, p);
  for (let i = 0; i < 20_000; i++) y = add(y, p);
  const [ofX, ofP] = gradients(y, [x, p]);
  const device = await createWasmDevice(1);
  const prepared = await device.prepare(plan({ ofX, ofP }));
  device.write("x", Float32Array.of(1, 2));
  device.write("p", Float32Array.of(3, 4));
  await prepared.run();
  assert.deepEqual(await prepared.read("ofX"), Float32Array.of(3, 4));
  assert.deepEqual(await prepared.read("ofP"), Float32Array.of(20_001, 20_002));
  await device.dispose();
});
