// Tied heads: files may leave the head out, or hold the embedding twice.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MemoryTensor } from "../../../engine/load/memory";
import { changed, devices, logitsOf, withSession } from "./open";

for (const device of devices)
  test(`${device}: a file without a head gives the logits of the file that holds the embedding twice`, async () => {
    const tied = await changed("llama-linear.gguf", {});
    assert.ok(!tied.tensors.has("output.weight"));
    const embedding = tied.tensors.get("token_embd.weight") as MemoryTensor & { bytes: number };
    const data = await tied.read(embedding.name, 0, embedding.bytes);
    const doubled = await changed("llama-linear.gguf", { tensors: [{ ...embedding, name: "output.weight", data }] });
    const [once, twice] = [
      await withSession(tied, device, (session) => logitsOf(session, [1, 2, 3, 4, 5])),
      await withSession(doubled, device, (session) => logitsOf(session, [1, 2, 3, 4, 5])),
    ];
    assert.ok(once.length > 5);
    assert.deepEqual(once, twice);
  });
