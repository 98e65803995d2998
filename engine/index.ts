// All of the engine that the server and the command line may import.

import { createDevice, type DeviceChoice } from "./device";
import type { DeviceKind } from "./device/device";
import { createSession, type Session, type SessionOptions } from "./generate/session";
import { openCheckpoint } from "./load";
import { type Adapter, type AdapterBase, baseOf, expectFits, readAdapter } from "./load/adapter";
import type { Checkpoint, TensorInfo } from "./load/checkpoint";
import { architectureOf } from "./models";
import { attach } from "./models/attach";
import { uploadWeights } from "./models/upload";
import { type Attached, weightsOf } from "./nn";
import { type FillInMiddle, fillInMiddle } from "./text/fillInMiddle";
import { marksOf, taughtFillInMiddle } from "./text/taughtFillInMiddle";
import { createTokenizer, type Tokenizer } from "./text/tokenizer";
import { createLesson, type Lesson, type LessonData, type LessonOptions } from "./train/lesson";

export { built, model as builtInModel } from "./assets";
export { type DeviceChoice, type DeviceReport, listDevices } from "./device";
export { Interrupted } from "./device/device";
export type { Sampling } from "./generate/sampling";
export { ContextError, type GenerateOptions, type Guide, type Session, sharedPrefix } from "./generate/session";
export { generateText, type TextOptions } from "./generate/text";
export { createGuides, encodeUnfinished, type GuideTo } from "./generate/tokenHealing";
export { openCheckpoint } from "./load";
export {
  type Adapter,
  type AdapterBase,
  type AdapterDescription,
  baseOf,
  describeGgufAdapter,
  mergeAdapter,
  mismatch,
  readAdapter,
  writeGgufAdapter,
  writePeftAdapter,
} from "./load/adapter";
export { type Checkpoint, CheckpointError } from "./load/checkpoint";
export { writeWhole } from "./load/writeWhole";
export { WeightError } from "./nn";
export { pathHeader } from "./text/comments";
export type { FillInMiddle } from "./text/fillInMiddle";
export { endingOf, languageOf } from "./text/languages";
export { type Marks, marksOf, taughtFillInMiddle } from "./text/taughtFillInMiddle";
export type { Tokenizer } from "./text/tokenizer";
export { defaultVocab, trainTokenizer } from "./text/trainTokenizer";
export { type AdapterConfig, defaultTargets } from "./train/adapter";
export {
  type Course,
  courseOf,
  type Examples,
  layOut,
  type Material,
  sequenceLength,
  type Text,
  tokensOfStep,
} from "./train/course";
export { type Document, documentExamples } from "./train/data";
export { lossOf } from "./train/evaluate";
export type { Example } from "./train/example";
export { chooseGaps, fillGaps, isFilled } from "./train/gaps";
export { type GeneralText, readGeneralText } from "./train/generalText";
export type { Lesson, LessonData, LessonOptions } from "./train/lesson";
export { type ModelShape, newModel, shapeOf } from "./train/newModel";
export { chooseLines, isExact, type NamedDocument, writeLines } from "./train/nextLines";
export type { HeldOutLoss } from "./train/notes";
export { lessonOptions, stepsWithin } from "./train/options";
export { pack, type Sequence } from "./train/pack";
export { holdOutPairs, isPair, type Pair, parsePairs } from "./train/pairs";
export {
  holdOut,
  type Pretrained,
  type PretrainNews,
  type PretrainOptions,
  pretrain,
  type Texts,
} from "./train/pretrain";
export type { Report } from "./train/report";
export { type News, type Surroundings, type Taught, teach } from "./train/teach";
export { type TriedStep, tryStep } from "./train/tryStep";

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

/** An adapter as it is used: 1 is as it was trained. */
export interface ScaledAdapter {
  adapter: Adapter;
  scale: number;
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
  /** Prepares the training of a new adapter for the model as it was loaded; see `createLesson`. */
  lesson(options: LessonOptions, data: LessonData, pause: () => Promise<void>): Promise<Lesson>;
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

    /** The weights with the model's own adapters and these, whose values `upload` writes once they are in a plan. */
    function adapted(adapters: readonly ScaledAdapter[], name: string) {
      const all = [...own, ...adapters];
      for (const { adapter } of all) expectFits(adapter, checkpoint);
      const loaded = all.map(({ adapter, scale }, i) => attach(adapter, scale, `${name}.adapter${i}`));
      return {
        weights: (more: readonly Attached[] = []) => weightsOf(checkpoint.tensors, [...loaded, ...more]),
        upload() {
          for (const adapter of loaded) adapter.upload(device);
        },
      };
    }

    async function start(adapters: readonly ScaledAdapter[], name: string, options?: SessionOptions): Promise<Session> {
      const { weights, upload } = adapted(adapters, name);
      const session = await createSession(build(context, weights()), device, options);
      upload();
      return session;
    }

    const baseForm = fillInMiddle(tokenizer, checkpoint);
    /** As the model's adapters were taught it, where one was. */
    function form(adapters: readonly ScaledAdapter[]): FillInMiddle | undefined {
      const marks = [...own, ...adapters].map(({ adapter }) => marksOf(adapter.metadata)).find(Boolean);
      return marks ? taughtFillInMiddle(tokenizer, marks) : baseForm;
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
      async lesson(options, data, pause) {
        const { weights, upload } = adapted([], "lesson");
        const beneath = own.map(({ adapter, scale }) => ({ name: adapter.name, scale }));
        const ground = { device, build, weights, base: baseOf(checkpoint), beneath };
        const lesson = await createLesson(ground, options, data, pause);
        upload();
        return lesson;
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
