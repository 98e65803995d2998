// Low-rank changes to a base model's linear layers. LoRA (arXiv:2106.09685): y = Wx + α/r·B(Ax). LoRAMoE
// (arXiv:2312.09979): N such pairs, weighted for each token by a router: y = Wx + α/r·Σ softmax(Rx)_i·B_i(A_i x).

import type { Shape } from "../../graph/tensor";
import { type Checkpoint, CheckpointError, quote } from "../checkpoint";
import { modelName } from "../modelName";

/** An adapter, read into memory. */
export interface Adapter {
  kind: "lora" | "loramoe";
  name: string;
  base: AdapterBase;
  /** B(Ax) is multiplied by alpha / rank. */
  alpha: number;
  /** The rank of each pair. */
  rank: number;
  /** The number of pairs of each layer: 1 for a LoRA, more for a LoRAMoE. */
  experts: number;
  /** How it was trained: on what, when, and with what results. */
  metadata: Readonly<Record<string, Json>>;
  /**
   * For a changed weight (outputs, inputs), such as blk.0.attn_q.weight, rows in GGUF's order:
   *   blk.0.attn_q.weight.lora_a (experts · rank, inputs), blk.0.attn_q.weight.lora_b (outputs, experts · rank)
   *   and of a LoRAMoE blk.0.attn_q.weight.lora_router (experts, inputs).
   */
  tensors: ReadonlyMap<string, AdapterTensor>;
}

/** An adapter without its tensors: how many layers it changes, and how many values it has. */
export interface AdapterSummary extends Omit<Adapter, "tensors"> {
  layers: number;
  parameters: number;
}

/** A float32 matrix, row-major. */
export interface AdapterTensor {
  shape: Shape;
  values: Float32Array;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The base model of an adapter. */
export interface AdapterBase {
  architecture: string;
  /** "" where the adapter's file does not say. */
  name: string;
  /** What its metadata says of it after `{architecture}.`, of `baseSizes`. */
  sizes: Readonly<Record<string, number>>;
}

/** The sizes that tell models of one family apart, whatever the storage type of their weights. */
export const baseSizes = [
  "block_count",
  "embedding_length",
  "feed_forward_length",
  "attention.head_count",
  "attention.head_count_kv",
  "attention.key_length",
];

/** Describes a model as the base of adapters. */
export function baseOf({ path, metadata }: Pick<Checkpoint, "path" | "metadata">): AdapterBase {
  const architecture = String(metadata.get("general.architecture"));
  const sizes: Record<string, number> = {};
  for (const key of baseSizes) {
    const size = metadata.get(`${architecture}.${key}`);
    if (typeof size === "number") sizes[key] = size;
  }
  return { architecture, name: modelName(path), sizes };
}

/** Why an adapter for one model does not fit the other, at `where`; undefined where both have the same sizes. */
export function mismatch(made: AdapterBase, other: AdapterBase, where: string): string | undefined {
  if (other.architecture !== made.architecture)
    return `it is for the architecture ${quote(made.architecture)}, ${where} is ${other.architecture}`;
  for (const [key, size] of Object.entries(made.sizes))
    if (other.sizes[key] !== undefined && other.sizes[key] !== size)
      return `it is for a model whose ${key} is ${size}, that of ${where} is ${other.sizes[key]}`;
}

/** Throws CheckpointError unless `base` has every weight that the adapter changes, in the right shape. */
export function expectFits(adapter: Adapter, base: Checkpoint): void {
  const refuse = (what: string) => new CheckpointError(`The adapter ${quote(adapter.name)} does not fit: ${what}`);
  const built = mismatch(adapter.base, baseOf(base), base.path);
  if (built) throw refuse(built);
  for (const [weight, { outputs, inputs }] of changedLayers(adapter)) {
    const shape = base.tensors.get(weight)?.shape;
    if (!shape && weight === "output.weight")
      throw refuse(`it changes the head, whose weights ${base.path} shares with the embedding`);
    if (!shape) throw refuse(`it changes ${quote(weight)}, which ${base.path} does not have`);
    if (shape.length !== 2 || shape[0] !== outputs || shape[1] !== inputs)
      throw refuse(`it changes ${weight} as (${outputs}, ${inputs}); in ${base.path} it is (${shape.join(", ")})`);
  }
}

export interface ChangedLayer {
  outputs: number;
  inputs: number;
  /** (experts · rank, inputs) */
  a: Float32Array;
  /** (outputs, experts · rank) */
  b: Float32Array;
}

/** The parts of each changed weight, by its name. */
export function changedLayers({ tensors }: Pick<Adapter, "tensors">): Map<string, ChangedLayer> {
  const layers = new Map<string, ChangedLayer>();
  for (const [name, a] of tensors) {
    if (!name.endsWith(".lora_a")) continue;
    const weight = name.slice(0, -".lora_a".length);
    const b = tensors.get(`${weight}.lora_b`)!;
    layers.set(weight, { outputs: b.shape[0], inputs: a.shape[1], a: a.values, b: b.values });
  }
  return layers;
}

const kindNames: Record<Adapter["kind"], string> = { lora: "LoRA", loramoe: "LoRAMoE" };

/** The error where a model is expected, and an adapter is at `path`. */
export function adapterNotModel(path: string, { kind, rank, base }: Pick<Adapter, "kind" | "rank" | "base">) {
  const model = base.name ? quote(base.name) : `a model of the architecture ${quote(base.architecture)}`;
  return new CheckpointError(
    `${path} is an adapter, not a model: a ${kindNames[kind]} of rank ${rank} for ${model}. ` +
      "Choose that model, and use the adapter with it",
  );
}

/** Throws CheckpointError unless every layer's parts are there, belong together and hold numbers. */
export function expectSound(where: string, { kind, alpha, rank, experts, tensors }: Adapter): void {
  const refuse = (name: string, what: string) => new CheckpointError(`${where}: tensor ${quote(name)} ${what}`);
  if (!Number.isFinite(alpha)) throw new CheckpointError(`${where}: alpha should be a number, but is ${alpha}`);
  if (!Number.isInteger(rank) || rank < 1)
    throw new CheckpointError(`${where}: the rank should be a whole number from 1 on, but is ${rank}`);
  if (!tensors.size) throw new CheckpointError(`${where} holds no tensors; expected at least one pair of a LoRA`);
  const suffixes = kind === "lora" ? ["lora_a", "lora_b"] : ["lora_a", "lora_b", "lora_router"];
  for (const [name, { shape, values }] of tensors) {
    const [, weight, suffix] = /^(.+)\.([^.]+)$/.exec(name) ?? [];
    if (!suffixes.includes(suffix))
      throw refuse(name, `is no part of a ${kind}; expected names that end in .${suffixes.join(", .")}`);
    if (weight === "token_embd.weight")
      throw refuse(name, "changes the embedding; supported are changes to linear layers");
    const missing = suffixes.find((other) => !tensors.has(`${weight}.${other}`));
    if (missing) throw refuse(name, `has no ${weight}.${missing} beside it`);
    const inputs = tensors.get(`${weight}.lora_a`)!.shape[1];
    const rows = { lora_a: experts * rank, lora_b: shape[0], lora_router: experts }[suffix];
    const columns = suffix === "lora_b" ? experts * rank : inputs;
    if (shape.length !== 2 || shape[0] !== rows || shape[1] !== columns)
      throw refuse(
        name,
        `has the shape (${shape.join(", ")}); expected (${rows}, ${columns ?? "inputs"}) at rank ${rank}`,
      );
    const wrong = values.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw refuse(name, `holds ${values[wrong]} at ${wrong}; expected numbers only`);
  }
}
