// Loads a model onto a device. Completion, training and observation all start from here.

import { createDevice, type DeviceChoice } from "./device";
import type { Device, DeviceKind, Namespace } from "./device/device";
import { createSession, type Session, type SessionOptions } from "./generate/session";
import { openCheckpoint } from "./load";
import { type Adapter, type AdapterBase, baseOf, expectFits, marksOf, readAdapter } from "./load/adapter";
import type { Checkpoint } from "./load/checkpoint";
import { type ModelInfo, modelInfo } from "./modelInfo";
import { architectureOf, type Build } from "./models";
import { attach, attachPermanently } from "./models/attach";
import { uploadWeights } from "./models/upload";
import { type Attached, type CacheType, type Weights, weightsOf } from "./nn";
import { adapterFillInMiddle } from "./text/adapterFillInMiddle";
import { type FillInMiddle, fillInMiddle } from "./text/fillInMiddle";
import { createTokenizer, type Tokenizer } from "./text/tokenizer";

export interface LoadOptions {
  device?: DeviceChoice;
  /**
   * How many tokens the KV cache holds, 4096 where not given. At most the context length that the model was trained with.
   */
  context?: number;
  /** Of the keys and values in the KV cache; see SessionOptions. */
  cacheType?: CacheType;
  /** CPU threads; 0, the default, chooses. */
  threads?: number;
  /** Adapters that become part of the model: those of `adapt`, and those that are trained, come on top of them. */
  adapters?: readonly { path: string; scale: number }[];
  /** Is told which fraction of the weights has been uploaded, 0 to 1. */
  onProgress?(fraction: number): void;
}

/** An adapter, and the factor of its change to the weights: 1 is as it was trained. */
export interface ScaledAdapter {
  adapter: Adapter;
  scale: number;
}

/** The parts of a loaded model from which plans are made. */
export interface LoadedModel {
  /** Holds the weights. */
  device: Namespace;
  build: Build;
  /** The model's weights with its own adapters, and with `more` on top of them. */
  weights(more?: readonly Attached[]): Weights;
  base: AdapterBase;
  /** The model's own adapters. */
  adapters: readonly { name: string; scale: number }[];
}

/** A model that is loaded onto a device and ready to generate. */
export interface Engine {
  info: ModelInfo;
  device: { kind: DeviceKind; description: string; reason: string };
  tokenizer: Tokenizer;
  /** How the model with its adapters is prompted to fill in the middle; undefined where it cannot. */
  readonly fillInMiddle: FillInMiddle | undefined;
  /** The same for the model without adapters. */
  baseFillInMiddle: FillInMiddle | undefined;
  /** What adapters for this model say of their base. */
  base: AdapterBase;
  /** The session with the adapters in use; `adapt` replaces it. */
  readonly session: Session;
  /**
   * Puts these adapters on the model in place of those of the last call. Throws CheckpointError where one does not fit,
   * LogitsError where the model then computes no numbers, DeviceMemoryError or GpuMemoryError where memory is short; then
   * the session and its adapters stay in use.
   */
  adapt(adapters: readonly ScaledAdapter[]): Promise<void>;
  /**
   * Another session, with these adapters and a context of so many tokens. The one in use does not change. The caller
   * disposes of it. Throws what `adapt` throws.
   */
  trial(adapters: readonly ScaledAdapter[], context: number): Promise<Session>;
  /** The model as it was loaded, for fine-tuning. */
  model: LoadedModel;
  /** Any thread sets the first word to interrupt the session's run; see Device.interrupt. */
  interrupt: Int32Array<SharedArrayBuffer>;
  /** Bytes that are allocated on the device: weights, KV cache and working memory. */
  memory(): number;
  /** Resolves with a message for the user when the device is lost; the engine can then no longer be used. */
  lost: Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Loads the model at `path`, a GGUF file or a Hugging Face folder. Throws CheckpointError where a file cannot be used,
 * WeightError where it lacks a tensor, LogitsError where the model computes no numbers, GpuUnavailable where the GPU is
 * asked for and there is none, RangeError where more threads are asked for than there are processors, DeviceMemoryError
 * or GpuMemoryError where memory is short.
 */
export async function loadEngine(path: string, options: LoadOptions = {}): Promise<Engine> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await createEngine(checkpoint, await createDevice(options.device ?? "auto", options.threads ?? 0), options);
  } finally {
    await checkpoint.close();
  }
}

/**
 * Loads a model onto a device, which is disposed of with the engine, or at once where this fails. Throws what
 * `loadEngine` throws.
 */
export async function createEngine(
  checkpoint: Checkpoint,
  { device, reason }: { device: Device; reason: string },
  options: Omit<LoadOptions, "device" | "threads"> = {},
): Promise<Engine> {
  try {
    const tokenizer = createTokenizer(checkpoint);
    const build = await architectureOf(checkpoint);
    const base = baseOf(checkpoint);
    const { context = 4096, cacheType } = options;
    const own: ScaledAdapter[] = [];
    for (const { path, scale } of options.adapters ?? []) own.push({ adapter: await readAdapter(path, base), scale });
    for (const { adapter } of own) expectFits(adapter, checkpoint);

    const weights = await uploadWeights(checkpoint, build(context), device, options.onProgress);
    const ownAttached: Attached[] = [];
    for (const [i, { adapter, scale }] of own.entries())
      ownAttached.push(await attachPermanently(adapter, scale, `adapter${i}`, device));
    const weightsWith = (more: readonly Attached[] = []) => weightsOf(checkpoint.tensors, [...ownAttached, ...more]);

    let adapted = 0;
    /** Starts a session in a namespace. Its adapters get names that no other adapter there has. */
    async function start(adapters: readonly ScaledAdapter[], within: Namespace, more: SessionOptions = {}) {
      for (const { adapter } of adapters) expectFits(adapter, checkpoint);
      const loaded = adapters.map(({ adapter, scale }) => attach(adapter, scale, `adapted${adapted++}`));
      const session = await createSession(build(context, weightsWith(loaded)), within, { cacheType, ...more });
      try {
        for (const adapter of loaded) adapter.write(within);
        // The logits of one token, so that a model that computes no numbers is refused now, not at its first completion.
        await session.logits([tokenizer.bos ?? 0], () => {});
      } catch (error) {
        session.dispose();
        throw error;
      }
      return session;
    }

    const baseForm = fillInMiddle(tokenizer, checkpoint);
    /** The fill-in-the-middle form of the first adapter that has one, else the base model's. */
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
        // For a moment both sessions are in one namespace, where they share the KV cache: it is far larger than an
        // adapter.
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

/** Loads only the tokenizer of the model at `path`. Throws CheckpointError. */
export async function loadTokenizer(path: string): Promise<Tokenizer> {
  const checkpoint = await openCheckpoint(path);
  try {
    return createTokenizer(checkpoint);
  } finally {
    await checkpoint.close();
  }
}
