// Opens a fixture's model on a device, without a tokenizer.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createDevice, type DeviceChoice } from "../../../engine/device";
import type { DeviceProperties } from "../../../engine/device/device";
import { createSession } from "../../../engine/generate/session";
import { openCheckpoint } from "../../../engine/load";
import type { Checkpoint, MetadataValue } from "../../../engine/load/checkpoint";
import { type MemoryTensor, memoryCheckpoint } from "../../../engine/load/memory";
import { architectureOf } from "../../../engine/models";
import { uploadWeights } from "../../../engine/models/upload";
import type { CacheType } from "../../../engine/nn";

export const devices: DeviceChoice[] = ["reference", "cpu", "gpu"];

const root = import.meta.url.slice(0, import.meta.url.lastIndexOf("/dist/"));

export const fixture = (name: string) => fileURLToPath(`${root}/test/engine/models/fixtures/${name}`);

/**
 * Calls `use` with a session of a fixture's model, which is closed afterwards. Its KV cache is f32 where not said
 * otherwise, so that its logits are exact.
 */
export async function withSession<T>(
  name: string | Checkpoint,
  choice: DeviceChoice,
  use: (session: Awaited<ReturnType<typeof createSession>>, device: DeviceProperties) => Promise<T>,
  context = 256,
  cacheType: CacheType = "f32",
): Promise<T> {
  const checkpoint = typeof name === "string" ? await openCheckpoint(fixture(name)) : name;
  const { device } = await createDevice(choice, 2);
  try {
    const model = (await architectureOf(checkpoint))(context);
    await uploadWeights(checkpoint, model, device);
    return await use(await createSession(model, device, { cacheType }), device);
  } finally {
    await device.dispose();
    await checkpoint.close();
  }
}

export interface Changes {
  metadata?: Record<string, MetadataValue>;
  tensors?: readonly MemoryTensor[];
}

/** A fixture's checkpoint with changes; a tensor of a name that there is takes its place. */
export async function changed(name: string, { metadata = {}, tensors = [] }: Changes): Promise<Checkpoint> {
  const checkpoint = await openCheckpoint(fixture(name));
  const kept: MemoryTensor[] = [];
  for (const info of checkpoint.tensors.values())
    kept.push({ ...info, data: await checkpoint.read(info.name, 0, info.bytes) });
  await checkpoint.close();
  return memoryCheckpoint([...checkpoint.metadata, ...Object.entries(metadata)], [...kept, ...tensors]);
}

/** All logits after each of `tokens`, one row after the other. */
export async function logitsOf(session: Awaited<ReturnType<typeof createSession>>, tokens: number[]) {
  const pieces: Float32Array[] = [];
  await session.logits(tokens, (rows) => pieces.push(rows.slice()));
  return Float32Array.from(pieces.flatMap((piece) => [...piece]));
}

export const readJson = async (name: string) => JSON.parse(await readFile(fixture(name), "utf8"));

export const furthestApart = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let furthest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs(a[i] - b[i]);
    if (!(apart <= furthest)) furthest = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return furthest;
};
