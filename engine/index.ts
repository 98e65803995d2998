// All of the engine that the server and the command line may import.

import { createDevice, type DeviceChoice } from "./device";
import type { DeviceKind } from "./device/device";
import { createSession, type Session } from "./generate/session";
import { openCheckpoint } from "./load";
import type { Checkpoint, TensorInfo } from "./load/checkpoint";
import { buildModel } from "./models";
import { uploadWeights } from "./models/upload";
import { type FillInMiddle, fillInMiddle } from "./text/fillInMiddle";
import { createTokenizer, type Tokenizer } from "./text/tokenizer";

export { built, model as builtInModel } from "./assets";
export { type DeviceChoice, type DeviceReport, listDevices } from "./device";
export { Interrupted } from "./device/device";
export type { Sampling } from "./generate/sampling";
export { ContextError, type GenerateOptions, type Guide, type Session, sharedPrefix } from "./generate/session";
export { generateText, type TextOptions } from "./generate/text";
export { openCheckpoint } from "./load";
export { type Checkpoint, CheckpointError } from "./load/checkpoint";
export { WeightError } from "./nn";
export type { FillInMiddle } from "./text/fillInMiddle";
export type { Tokenizer } from "./text/tokenizer";

export interface LoadOptions {
  device?: DeviceChoice;
  /** Tokens that the KV cache holds, at most what the model was trained for. */
  context?: number;
  /** CPU threads; 0 chooses. */
  threads?: number;
  /** Share of the weights that is in place, 0 to 1. */
  onProgress?(share: number): void;
}

export interface ModelInfo {
  path: string;
  name: string;
  architecture: string;
  /** Of the weights in use. */
  parameters: number;
  bytes: number;
  /** What the model was trained for. */
  trainedContext: number;
}

/** A model, loaded and ready. */
export interface Engine {
  info: ModelInfo;
  device: { kind: DeviceKind; description: string; reason: string };
  tokenizer: Tokenizer;
  /** How the model is asked to fill in the middle; undefined where it cannot. */
  fillInMiddle: FillInMiddle | undefined;
  session: Session;
  /** Set the first word, from any thread, to interrupt what the session is doing; see Device.interrupt. */
  interrupt: Int32Array<SharedArrayBuffer> | undefined;
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
  const model = await buildModel(checkpoint, options.context ?? 4096);
  const { device, reason } = await createDevice(options.device ?? "auto", options.threads ?? 0);
  try {
    const weights = await uploadWeights(checkpoint, model, device, options.onProgress);
    const session = await createSession(model, device);
    return {
      info: modelInfo(checkpoint, weights),
      device: { kind: device.kind, description: device.description, reason },
      tokenizer,
      fillInMiddle: fillInMiddle(tokenizer, checkpoint),
      session,
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

function modelInfo({ path, metadata }: Checkpoint, weights: readonly TensorInfo[]): ModelInfo {
  const architecture = String(metadata.get("general.architecture"));
  return {
    path,
    name: String(metadata.get("general.name") ?? path.split(/[\\/]/).pop()),
    architecture,
    parameters: weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    bytes: weights.reduce((sum, { bytes }) => sum + bytes, 0),
    trainedContext: Number(metadata.get(`${architecture}.context_length`) ?? 0),
  };
}
