// Loads a model onto a device: what completing, training and observing build on.

import { createDevice, type DeviceChoice } from "./device";
import type { Device, DeviceKind, Namespace } from "./device/device";
import { createSession, type Session, type SessionOptions } from "./generate/session";
import { openCheckpoint } from "./load";
import { type Adapter, type AdapterBase, baseOf, expectFits, marksOf, readAdapter } from "./load/adapter";
import type { Checkpoint } from "./load/checkpoint";
import { type ModelInfo, modelInfo } from "./modelInfo";
import { architectureOf, type Build } from "./models";
import { attach, attachForGood } from "./models/attach";
import { uploadWeights } from "./models/upload";
import { type Attached, type Weights, weightsOf } from "./nn";
import { adapterFillInMiddle } from "./text/adapterFillInMiddle";
import { type FillInMiddle, fillInMiddle } from "./text/fillInMiddle";
import { createTokenizer, type Tokenizer } from "./text/tokenizer";

export interface LoadOptions {
  device?: DeviceChoice;
  /** Tokens that the KV cache holds, at most what the model was trained for. */
  context?: number;
  /** CPU threads; 0 chooses. */
  threads?: number;
  /** Adapters that are part of the model from now on: others are put on top of them, and trained so. */
  adapters?: readonly { path: string; scale: number }[];
  /** Share of the weights that is in place, 0 to 1. */
  onProgress?(share: number): void;
}

/** An adapter as it is used: 1 is as it was trained. */
export interface ScaledAdapter {
  adapter: Adapter;
  scale: number;
}

/** What plans of a loaded model are made of. */
export interface LoadedModel {
  /** Holds the weights. */
  device: Namespace;
  build: Build;
  /** The model's weights with its own adapters, and `more` on top of them. */
  weights(more?: readonly Attached[]): Weights;
  base: AdapterBase;
  /** The model's own adapters. */
  adapters: readonly { name: string; scale: number }[];
}

/** A model, loaded and ready. */
export interface Engine {
  info: ModelInfo;
  device: { kind: DeviceKind; description: string; reason: string };
  tokenizer: Tokenizer;
  /** How the model, with its adapters, is asked to fill in the middle; undefined where it cannot. */
  readonly fillInMiddle: FillInMiddle | undefined;
  /** The same of the model without any adapter. */
  baseFillInMiddle: FillInMiddle | undefined;
  /** The model, as its adapters name it. */
  base: AdapterBase;
  /** Another one after `adapt`. */
  readonly session: Session;
  /**
   * Puts these adapters on the model instead of those put before. Throws CheckpointError where one does not fit, or the
   * device's error where there is no room; those put before, and the session, are in use then.
   */
  adapt(adapters: readonly ScaledAdapter[]): Promise<void>;
  /** A session with these adapters beside the one in use, which it leaves alone. */
  trial(adapters: readonly ScaledAdapter[], context: number): Promise<Session>;
  /** The model as it was loaded, to be trained further. */
  model: LoadedModel;
  /** Set the first word, from any thread, to interrupt what the session is doing; see Device.interrupt. */
  interrupt: Int32Array<SharedArrayBuffer>;
  /** Bytes that the device holds: weights, cache and working memory. */
  memory(): number;
  /** Resolves, with a sentence, when the device is lost and the engine of no more use. */
  lost: Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Loads the model at `path`, a GGUF file or a Hugging Face folder. Throws CheckpointError where a file cannot be used,
 * WeightError where it lacks a tensor, LogitsError where the model computes no numbers, GpuUnavailable where the GPU is
 * asked for and there is none, DeviceMemoryError or GpuMemoryError where the memory does not suffice.
 */
export async function loadEngine(path: string, options: LoadOptions = {}): Promise<Engine> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await createEngine(checkpoint, await createDevice(options.device ?? "auto", options.threads ?? 0), options);
  } finally {
    await checkpoint.close();
  }
}

/** Loads a model onto a device, which goes with the engine, or where this fails. */
export async function createEngine(
  checkpoint: Checkpoint,
  { device, reason }: { device: Device; reason: string },
  options: Omit<LoadOptions, "device" | "threads"> = {},
): Promise<Engine> {
  try {
    const tokenizer = createTokenizer(checkpoint);
    const build = await architectureOf(checkpoint);
    const base = baseOf(checkpoint);
    const context = options.context ?? 4096;
    const own: ScaledAdapter[] = [];
    for (const { path, scale } of options.adapters ?? []) own.push({ adapter: await readAdapter(path, base), scale });
    for (const { adapter } of own) expectFits(adapter, checkpoint);

    const weights = await uploadWeights(checkpoint, build(context), device, options.onProgress);
    const beneath: Attached[] = [];
    for (const [i, { adapter, scale }] of own.entries())
      beneath.push(await attachForGood(adapter, scale, `adapter${i}`, device));
    const weightsWith = (more: readonly Attached[] = []) => weightsOf(checkpoint.tensors, [...beneath, ...more]);

    let adapted = 0;
    /** A session in that namespace, whose adapters have names of their own among those of others there. */
    async function start(adapters: readonly ScaledAdapter[], within: Namespace, options?: SessionOptions) {
      for (const { adapter } of adapters) expectFits(adapter, checkpoint);
      const loaded = adapters.map(({ adapter, scale }) => attach(adapter, scale, `adapted${adapted++}`));
      const session = await createSession(build(context, weightsWith(loaded)), within, options);
      try {
        for (const adapter of loaded) adapter.write(within);
        // One token's, so that a model which computes no numbers is refused here and not at its first completion.
        await session.logits([tokenizer.bos ?? 0], () => {});
      } catch (error) {
        session.dispose();
        throw error;
      }
      return session;
    }

    const baseForm = fillInMiddle(tokenizer, checkpoint);
    /** The form of the first adapter that has marks, else the base model's own. */
    function form(adapters: readonly ScaledAdapter[]): FillInMiddle | undefined {
      const marks = [...own, ...adapters].map(({ adapter }) => marksOf(adapter.metadata)).find(Boolean);
      return marks ? adapterFillInMiddle(tokenizer, marks) : baseForm;
    }

    const sessions = device.namespace();
    let [session, inUse] = [await start([], sessions), form([])];
    return {
      info: modelInfo(checkpoint, weights),
      device: { kind: device.kind, description: device.description, reason },
      tokenizer,
      baseFillInMiddle: baseForm,
      get fillInMiddle() {
        return inUse;
      },
      base,
      get session() {
        return session;
      },
      async adapt(adapters) {
        // Both are in one namespace for a moment, so that the KV cache, far larger than any adapter, is not held twice.
        const [last, nextForm] = [session, form(adapters)];
        last.forget();
        session = await start(adapters, sessions);
        inUse = nextForm;
        last.dispose();
      },
      trial: (adapters, context) => start(adapters, device.namespace(), { context }),
      model: {
        ...{ device, build, base, weights: weightsWith },
        adapters: own.map(({ adapter, scale }) => ({ name: adapter.name, scale })),
      },
      interrupt: device.interrupt,
      memory: () => device.memory(),
      lost: device.lost,
      dispose: () => device.dispose(),
    };
  } catch (error) {
    await device.dispose();
    throw error;
  }
}

/** Only the tokenizer of the model at `path`. Throws CheckpointError. */
export async function loadTokenizer(path: string): Promise<Tokenizer> {
  const checkpoint = await openCheckpoint(path);
  try {
    return createTokenizer(checkpoint);
  } finally {
    await checkpoint.close();
  }
}
