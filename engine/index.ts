// The engine's public API: all that the server and the command line import. Re-exports only; no file of the engine
// imports it.

export { built, builtIn, model as builtInModel } from "./assets";
export { describeModel } from "./describe";
export { type DeviceChoice, type DeviceReport, listDevices } from "./device";
export { Interrupted } from "./device/device";
export { type Engine, type LoadOptions, loadEngine, loadTokenizer, type ScaledAdapter } from "./engine";
export type { Sampling } from "./generate/sampling";
export {
  ContextError,
  type GenerateOptions,
  LogitsError,
  type Prefill,
  type Session,
  type TokenConstraint,
  type Written,
} from "./generate/session";
export { generateText, type TextOptions } from "./generate/text";
export { type ConstrainTo, createConstraints, encodeUnfinished } from "./generate/tokenHealing";
export { openCheckpoint } from "./load";
export {
  type Adapter,
  type AdapterBase,
  type AdapterDescription,
  baseOf,
  describeAdapter,
  describeGgufAdapter,
  type Marks,
  marksOf,
  mergeAdapter,
  mismatch,
  readAdapter,
  writeGgufAdapter,
  writePeftAdapter,
} from "./load/adapter";
export { type Checkpoint, CheckpointError } from "./load/checkpoint";
export { kindOf } from "./load/file";
export { modelName } from "./load/modelName";
export { reasonOf } from "./load/systemError";
export { writeWhole } from "./load/writeWhole";
export type { ModelInfo } from "./modelInfo";
export { nextTurn } from "./nextTurn";
export { WeightError } from "./nn";
export { adapterFillInMiddle } from "./text/adapterFillInMiddle";
export { pathHeader } from "./text/comments";
export type { FillInMiddle } from "./text/fillInMiddle";
export { endingOf, languageOf } from "./text/languages";
export { compileRegex } from "./text/regex";
export { type ControlSegment, control, idsOf, type Segment } from "./text/segment";
export { startOf, type Tokenizer } from "./text/tokenizer";
export { defaultVocab, trainTokenizer } from "./text/trainTokenizer";
export { type AdapterConfig, defaultTargets } from "./train/adapter";
export { type Document, documentExamples } from "./train/data";
export {
  createDataset,
  type Dataset,
  type Examples,
  layOutExamples,
  layOutReplay,
  sequenceLength,
  type Text,
  tokensOfStep,
} from "./train/dataset";
export { type Durations, durationsOf, measurementsBetween, stepsWithin, totalOf } from "./train/duration";
export { logProbability, lossOf } from "./train/evaluate";
export type { Example } from "./train/example";
export { createFineTuning, type FineTuning, type FineTuningOptions } from "./train/fineTuning";
export { holdOut, holdOutPairs, type Split } from "./train/heldOut";
export { chooseSpans, fillSpans, isFilled } from "./train/infill";
export { type ModelShape, newModel, shapeOf } from "./train/newModel";
export { chooseLines, isExact, type NamedDocument, writeLines } from "./train/nextLines";
export type { HeldOutLoss } from "./train/notes";
export { fineTuningOptions } from "./train/options";
export { pack, type Sequence } from "./train/pack";
export { isPair, type Pair, parsePairs } from "./train/pairs";
export {
  type PretrainEvent,
  type Pretrained,
  type PretrainOptions,
  pretrain,
} from "./train/pretrain";
export { type ReplayData, readReplayData } from "./train/replayData";
export type { Report } from "./train/report";
export { type FineTuned, plannedSteps, type RunOptions, runFineTuning, type TrainingEvent } from "./train/run";
export { startTicker } from "./train/ticker";
export { type TriedStep, tryStep } from "./train/tryStep";
