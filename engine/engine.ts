// Loads a model onto a device: what completing, training and observing build on.

import { createDevice, type DeviceChoice } from "./device";
import type { Device, DeviceKind } from "./device/device";
import { createSession, type Session, type SessionOptions } from "./generate/session";
import { openCheckpoint } from "./load";
import { type Adapter, type AdapterBase, baseOf, expectFits, readAdapter } from "./load/adapter";
import type { Checkpoint } from "./load/checkpoint";
import { type ModelInfo, modelInfo } from "./modelInfo";
import { architectureOf, type Build } from "./models";
import { attach } from "./models/attach";
import { uploadWeights } from "./models/upload";
import { type Attached, type Weights, weightsOf } from "./nn";
import { adapterFillInMiddle, marksOf } from "./text/adapterFillInMiddle";
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
  device: Device;
  build: Build;
  /** The model's weights with its own adapters, and `more` on top of them. */
  weights(more?: readonly Attached[]): Weights;
  /** Writes the values of the model's own adapters, once a plan that uses them is prepared. */
  writeAdapters(): void;
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
  /** Puts these adapters on the model instead of those put before; throws CheckpointError where one does not fit. */
  adapt(adapters: readonly ScaledAdapter[]): Promise<void>;
  /** A session with these adapters beside the one in use, which it leaves alone; one at a time. */
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

/** Loads the model at `path`, a GGUF file or a Hugging Face folder. Throws CheckpointError or WeightError. */
export async function loadEngine(path: string, options: LoadOptions = {}): Promise<Engine> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await loadCheckpoint(checkpoint, options);
  } finally {
    await checkpoint.close();
  }
}

async function loadCheckpoint(checkpoint: Checkpoint, options: LoadOptions): Promise<Engine> {
  const tokenizer = createTokenizer(checkpoint);
  const build = await architectureOf(checkpoint);
  const context = options.context ?? 4096;
  const { device, reason } = await createDevice(options.device ?? "auto", options.threads ?? 0);
  try {
    const own: ScaledAdapter[] = [];
    for (const { path, scale } of options.adapters ?? [])
      own.push({ adapter: await readAdapter(path, baseOf(checkpoint)), scale });
    const weights = await uploadWeights(checkpoint, build(context), device, options.onProgress);

    /** The weights with the model's own adapters and these, whose values `writeAdapters` writes once they are in a plan. */
    function adapted(adapters: readonly ScaledAdapter[], name: string) {
      const all = [...own, ...adapters];
      for (const { adapter } of all) expectFits(adapter, checkpoint);
      const loaded = all.map(({ adapter, scale }, i) => attach(adapter, scale, `${name}.adapter${i}`));
      return {
        weights: (more: readonly Attached[] = []) => weightsOf(checkpoint.tensors, [...loaded, ...more]),
        writeAdapters() {
          for (const adapter of loaded) adapter.upload(device);
        },
      };
    }

    async function start(adapters: readonly ScaledAdapter[], name: string, options?: SessionOptions): Promise<Session> {
      const { weights, writeAdapters } = adapted(adapters, name);
      const session = await createSession(build(context, weights()), device, options);
      writeAdapters();
      try {
        // One token's, so that a model which computes no numbers is refused here and not at its first completion.
        await session.logits([tokenizer.bos ?? 0], () => {});
      } catch (error) {
        session.dispose();
        throw error;
      }
      return session;
    }

    const baseForm = fillInMiddle(tokenizer, checkpoint);
    /** As the model's adapters were taught it, where one was. */
    function form(adapters: readonly ScaledAdapter[]): FillInMiddle | undefined {
      const marks = [...own, ...adapters].map(({ adapter }) => marksOf(adapter.metadata)).find(Boolean);
      return marks ? adapterFillInMiddle(tokenizer, marks) : baseForm;
    }

    let [session, inUse] = [await start([], "session"), form([])];
    return {
      info: modelInfo(checkpoint, weights),
      device: { kind: device.kind, description: device.description, reason },
      tokenizer,
      baseFillInMiddle: baseForm,
      get fillInMiddle() {
        return inUse;
      },
      base: baseOf(checkpoint),
      get session() {
        return session;
      },
      async adapt(adapters) {
        for (const { adapter } of adapters) expectFits(adapter, checkpoint); // or the session stays
        const next = form(adapters);
        session.dispose();
        session = await start(adapters, "session");
        inUse = next;
      },
      trial: (adapters, context) => start(adapters, "trial", { context, name: "trial" }),
      model: {
        ...{ device, build, base: baseOf(checkpoint), ...adapted([], "model") },
        adapters: own.map(({ adapter, scale }) => ({ name: adapter.name, scale })),
      },
      interrupt: device.interrupt,
      memory: () => device.memory(),
      lost: device.lost,
      async dispose() {
        session.dispose();
        await device.dispose();
      },
    };
  } catch (error) {
    await device.dispose();
    throw error;
  }
}

/** Only the tokenizer of the model at `path`. */
export async function loadTokenizer(path: string): Promise<Tokenizer> {
  const checkpoint = await openCheckpoint(path);
  try {
    return createTokenizer(checkpoint);
  } finally {
    await checkpoint.close();
  }
}
