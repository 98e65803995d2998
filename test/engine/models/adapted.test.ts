// An adapter that is attached to a model, on every device, against peft's logits: scale · α / r times BA.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createDevice } from "../../../engine/device";
import { createEngine } from "../../../engine/engine";
import { baseOf, readAdapter } from "../../../engine/load/adapter";
import { openModel } from "../load/adapters";
import { fixture } from "../load/folder";
import { devices, furthestApart, logitsOf } from "./open";

for (const device of devices)
  test(`${device}: with an adapter attached at two scales, logits are peft's`, async (t) => {
    const base = await openModel("llama.gguf");
    t.after(() => base.close());
    const peft = JSON.parse(await readFile(fixture("load/fixtures/adapter.json"), "utf8"));
    const adapter = await readAdapter(fixture("load/fixtures/adapter"), baseOf(base));
    const engine = await createEngine(base, await createDevice(device, 2), { context: 64, cacheType: "f32" });
    t.after(() => engine.dispose());
    for (const [scale, logits] of [
      [1, peft.logits.flat()],
      [0.5, peft.half.flat()],
    ]) {
      await engine.adapt([{ adapter: { ...adapter, metadata: {} }, scale }]);
      const apart = furthestApart(await logitsOf(engine.session, peft.tokens), logits);
      assert.ok(apart <= 1e-4, `scale ${scale}: furthest apart: ${apart}`);
    }
  });
