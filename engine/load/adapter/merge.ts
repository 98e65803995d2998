// Merges a LoRA into its base model: each changed weight becomes W + s·α/r·BA. Only the piece that is being written is in
// memory.

import { resolve } from "node:path";
import { type StorageType, storedBytes } from "../../graph/storage";
import { type Checkpoint, CheckpointError, quote, type TensorInfo } from "../checkpoint";
import { dequantize } from "../dequantize";
import { hasInvalidScale } from "../invalidScale";
import { modelName } from "../modelName";
import { type QuantizableType, quantize } from "../quantize";
import { writeGguf } from "../writeGguf";
import { type Adapter, type ChangedLayer, changedLayers, expectFits } from "./adapter";

export interface MergedTensor {
  name: string;
  /** The storage types in the base and in the merged model. */
  from: StorageType;
  to: QuantizableType;
  /** The norm of the rounding error over the norm of the adapter's change: at 1, rounding loses as much as it adds. */
  lost: number;
}

/** Writes `base` with `scale` times the adapter in it to `path`, as GGUF. Throws CheckpointError. */
export async function mergeAdapter(
  base: Checkpoint,
  adapter: Adapter,
  scale: number,
  path: string,
): Promise<MergedTensor[]> {
  if (adapter.kind === "loramoe")
    throw new CheckpointError(
      `The adapter ${quote(adapter.name)} is a LoRAMoE, which cannot be merged: its router chooses anew for each token`,
    );
  if (!Number.isFinite(scale)) throw new CheckpointError(`The scale should be a number, but is ${scale}`);
  if (base.tokenizerJson !== undefined)
    throw new CheckpointError(`${base.path} keeps its tokenizer in tokenizer.json; merging takes a GGUF file's model`);
  if (resolve(path) === resolve(base.path))
    throw new CheckpointError(`${path} is the base itself; choose another name`);
  expectFits(adapter, base);

  const factor = (scale * adapter.alpha) / adapter.rank;
  const merged = new Map<string, Merged>();
  for (const [name, layer] of changedLayers(adapter))
    merged.set(name, mergedTensor(base, base.tensors.get(name)!, layer, factor));
  await writeGguf(path, {
    metadata: new Map(base.metadata).set("general.name", `${modelName(base.path)} + ${adapter.name}`),
    metadataTypes: base.metadataTypes,
    tensors: new Map([...base.tensors].map(([name, info]) => [name, merged.get(name)?.info ?? info])),
    read: (name, from, length) => merged.get(name)?.read(from, length) ?? base.read(name, from, length),
  });
  return [...merged.values()].map(({ report }) => report());
}

/** A weight of few bits gets 8: a change is smaller than what rounding to the same few again would take away. */
const writtenAs = (type: StorageType): QuantizableType =>
  type === "f32" || type === "f16" || type === "bf16" ? type : "q8_0";

/** Few enough that other work on the thread waits some 20 ms at most. */
const valuesAtOnce = 2 ** 18;

interface Merged {
  info: TensorInfo;
  read(from: number, length: number): Promise<Uint8Array>;
  /** Once all has been read. */
  report(): MergedTensor;
}

function mergedTensor(base: Checkpoint, info: TensorInfo, layer: ChangedLayer, factor: number): Merged {
  const { name, type: from } = info;
  const { inputs, outputs } = layer;
  const to = writtenAs(from);
  const rowBytes = storedBytes(to, inputs);
  const rowsAtOnce = Math.ceil(valuesAtOnce / inputs);
  let [measured, lost, added] = [0, 0, 0];

  /** Rows [first, end) as they will be stored. */
  async function rows(first: number, end: number): Promise<Uint8Array> {
    const baseRow = storedBytes(from, inputs);
    const values = new Float32Array((end - first) * inputs);
    dequantize(from, await base.read(name, first * baseRow, (end - first) * baseRow), values);
    // A row that lies in two pieces is read twice, and counts once.
    for (let row = first; row < end; row++) {
      const size = addChange(layer, factor, row, values.subarray((row - first) * inputs, (row - first + 1) * inputs));
      if (row >= measured) added += size;
    }
    const bytes = quantize(to, values);
    if (hasInvalidScale(to, bytes))
      throw new CheckpointError(`${base.path}: tensor ${name} with the adapter holds what ${to.toUpperCase()} cannot`);
    const stored = new Float32Array(values.length);
    dequantize(to, bytes, stored);
    for (let i = Math.max(0, measured - first) * inputs; i < values.length; i++) lost += (stored[i] - values[i]) ** 2;
    measured = end;
    return bytes;
  }

  return {
    info: { ...info, type: to, bytes: outputs * rowBytes },
    async read(from, length) {
      const first = Math.floor(from / rowBytes);
      const end = Math.ceil((from + length) / rowBytes);
      const pieces: Uint8Array[] = [];
      for (let row = first; row < end; row += rowsAtOnce) pieces.push(await rows(row, Math.min(end, row + rowsAtOnce)));
      return Buffer.concat(pieces).subarray(from - first * rowBytes, from - first * rowBytes + length);
    },
    report: () => ({ name, from, to, lost: added ? Math.sqrt(lost / added) : 0 }),
  };
}

/**
 * Adds row `row` of factor · BA, summed in float64, to `values`, that row of the weight; returns the sum of its squares.
 */
function addChange({ inputs, a, b }: ChangedLayer, factor: number, row: number, values: Float32Array): number {
  const rank = a.length / inputs;
  const change = new Float64Array(inputs);
  for (let k = 0; k < rank; k++) {
    const share = factor * b[row * rank + k];
    for (let i = 0; i < inputs; i++) change[i] += share * a[k * inputs + i];
  }
  let squares = 0;
  for (let i = 0; i < inputs; i++) {
    values[i] += change[i];
    squares += change[i] ** 2;
  }
  return squares;
}
