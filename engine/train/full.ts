// Trains all weights of a model: each is a parameter, whose first values are the file's. For small models.

import { freemem } from "node:os";
import type { Namespace } from "../device/device";
import { blocks, storedBytes } from "../graph/storage";
import { type Shape, sizeOf } from "../graph/tensor";
import { type Checkpoint, CheckpointError, type TensorInfo } from "../load/checkpoint";
import { dequantize } from "../load/dequantize";
import { type QuantizableType, quantize } from "../load/quantize";
import { type Writable, writeGguf } from "../load/writeGguf";
import { architectureOf } from "../models";
import { type Weights, weightsOf } from "../nn";
import { crossEntropyLoss } from "./loss";
import { type Parameter, parameter } from "./parameter";
import { createTraining, type Training, type TrainingData, type TrainingOptions } from "./training";

export interface FullTraining extends Training {
  /** Writes the model as it is now as GGUF, its matrices stored as `type`. Throws CheckpointError where it cannot. */
  write(path: string, type: WrittenType): Promise<void>;
}

/** With GGUF's `general.file_type`. */
const fileTypes = { f32: 0, f16: 1, q8_0: 7 } as const;
export type WrittenType = keyof typeof fileTypes;

const weightDecay = 0.1;

/**
 * The checkpoint must stay open for as long as the training. `pause` is awaited whenever something else has interrupted a
 * step. Throws CheckpointError where there is too little memory, or the model is no GGUF file.
 */
export async function createFullTraining(
  device: Namespace,
  checkpoint: Checkpoint,
  options: TrainingOptions,
  data: TrainingData,
  pause: () => Promise<void>,
): Promise<FullTraining> {
  if (checkpoint.tokenizerJson !== undefined)
    throw new CheckpointError(`${checkpoint.path} keeps its tokenizer in tokenizer.json; training takes a GGUF file`);
  const build = await architectureOf(checkpoint);
  const trainable = trainableWeights(checkpoint.tensors);
  const length = data.project[0].tokens.length;
  const loss = crossEntropyLoss(build(length, trainable.weights), length);
  const { parameters } = trainable;
  expectRoom(device, checkpoint, parameters, options);
  const shapes = parameters.map(({ name, shape }) => [name, ...shape]);
  const training = await createTraining(
    {
      ...{ device, parameters, weightDecay, loss, evaluation: loss },
      name: [checkpoint.metadata.get("general.name"), shapes],
      initial: ({ name }) => valuesOf(checkpoint, name),
      passesOf: ({ project, replay }) => [...project, ...replay],
    },
    options,
    data,
    pause,
  );
  return Object.assign(training, {
    write: (path: string, type: WrittenType) => writeGguf(path, trained(checkpoint, parameters, training, type)),
  });
}

/** Weights that are parameters, to build a model with, and the parameters that the models built so far have asked for. */
export function trainableWeights(tensors: ReadonlyMap<string, TensorInfo>): {
  weights: Weights;
  parameters: Parameter[];
} {
  const made = new Map<string, Parameter>();
  const weights = weightsOf(tensors, [], ({ name, shape }) => {
    if (!made.has(name)) made.set(name, parameter(name, shape)); // asked for twice where the output is the embedding
    return made.get(name)!.values;
  });
  return {
    weights,
    get parameters() {
      return [...made.values()];
    },
  };
}

/** A tensor of a checkpoint as float32. */
export async function valuesOf(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const { type, bytes, shape } = checkpoint.tensors.get(name)!;
  const values = new Float32Array(sizeOf(shape));
  dequantize(type, await checkpoint.read(name, 0, bytes), values);
  return values;
}

/** What one WebAssembly memory can address. A GPU does not tell how much it has: its allocations fail instead. */
const maxWasmMemory = 2 ** 32;

/**
 * Throws CheckpointError unless there is memory for each weight, its two moments and its gradient, and with several passes
 * a step for the gradient of the next pass too: 4 bytes each.
 */
function expectRoom(
  device: Namespace,
  { path }: Checkpoint,
  parameters: readonly Parameter[],
  { size }: TrainingOptions,
) {
  const weights = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const needed = (size > 1 ? 20 : 16) * weights;
  const room = device.kind === "webgpu" ? Number.POSITIVE_INFINITY : Math.min(freemem(), maxWasmMemory);
  if (needed > room)
    throw new CheckpointError(
      `Training all ${(weights / 1e6).toFixed(1)} million weights of ${path} takes ${gigabytes(needed)} and more, but ` +
        `there is room for ${gigabytes(room)}. An adapter takes little, and so does a smaller model.`,
    );
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GB`;

/** The checkpoint with the trained values. Its tensors must be read one after the other, each from start to end. */
function trained(
  checkpoint: Checkpoint,
  parameters: readonly Parameter[],
  { values }: Training,
  type: WrittenType,
): Writable {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  let last: { name: string; bytes: Uint8Array } = { name: "", bytes: new Uint8Array() };
  return {
    metadata: new Map([
      ...checkpoint.metadata,
      ["general.file_type", fileTypes[type]],
      ...(type === "q8_0" ? [["general.quantization_version", 2] as const] : []),
    ]),
    metadataTypes: checkpoint.metadataTypes,
    tensors: new Map(
      [...checkpoint.tensors].map(([name, info]) => {
        if (!byName.has(name)) return [name, info];
        const stored = storedAs(type, info.shape);
        return [name, { ...info, type: stored, bytes: storedBytes(stored, sizeOf(info.shape)) }];
      }),
    ),
    async read(name, from, length) {
      const parameter = byName.get(name);
      if (!parameter) return checkpoint.read(name, from, length);
      if (last.name !== name)
        last = { name, bytes: quantize(storedAs(type, parameter.shape), await values(parameter)) };
      return last.bytes.subarray(from, from + length);
    },
  };
}

/** As llama.cpp's converter chooses: f32 for vectors, f16 for matrices whose rows are no whole blocks, else `type`. */
function storedAs(type: WrittenType, shape: Shape): QuantizableType {
  if (shape.length < 2) return "f32";
  return shape[shape.length - 1] % blocks[type].values ? "f16" : type;
}
