// What an adapter's file says of it, under GGUF's keys (docs/gguf.md in ggml-org/ggml; a LoRA as llama.cpp's
// convert_lora_to_gguf.py writes it). The keys of a LoRAMoE, and `glassbox.metadata`, are ours.

import { CheckpointError } from "../checkpoint";
import type { Typed } from "../huggingfaceRope";
import { isAny, isObject, parseJson, shown } from "../json";
import { type Adapter, baseSizes, type Json } from "./adapter";

/** What is written of an adapter, with the type of each value. */
export function metadataOf({ kind, name, base, alpha, experts, metadata }: Adapter): Map<string, Typed> {
  const typed: [string, Typed][] = [
    ["general.type", ["adapter", "string"]],
    ["general.architecture", [base.architecture, "string"]],
    ["general.name", [name, "string"]],
    ["general.base_model.count", [1, "u32"]],
    ["general.base_model.0.name", [base.name, "string"]],
    ["adapter.type", [kind, "string"]],
    ["adapter.lora.alpha", [alpha, "f32"]],
    ["glassbox.metadata", [JSON.stringify(told(metadata)), "string"]],
  ];
  if (kind === "loramoe") typed.push(["adapter.loramoe.experts", [experts, "u32"]]);
  for (const [key, size] of Object.entries(base.sizes)) typed.push([`${base.architecture}.${key}`, [size, "u32"]]);
  return new Map(typed);
}

/** What the metadata of the file at `path` says; alpha is 0 where it says none. Throws CheckpointError. */
export function parseMetadata(
  path: string,
  metadata: ReadonlyMap<string, unknown>,
): Omit<Adapter, "rank" | "tensors" | "name"> & { name?: string } {
  const refuse = (sentence: string) => new CheckpointError(`${path}: ${sentence}`);
  const read = (key: string, type: "string" | "number") => {
    const value = metadata.get(key);
    if (value !== undefined && typeof value !== type)
      throw refuse(`${key} should be a ${type}, but is ${shown(value)}`);
    return value;
  };
  const text = (key: string) => read(key, "string") as string | undefined;
  const number = (key: string) => read(key, "number") as number | undefined;
  const count = (key: string) => {
    const value = number(key);
    if (value === undefined || (Number.isInteger(value) && value >= 1 && value < 2 ** 32)) return value;
    throw refuse(`${key} should be a whole number from 1 on, but is ${value}`);
  };

  if (text("general.type") !== "adapter")
    throw new CheckpointError(`${path} is no adapter: its general.type is ${shown(text("general.type"))}`);
  const kind = text("adapter.type");
  if (kind !== "lora" && kind !== "loramoe")
    throw refuse(`the kind of adapter (adapter.type) is ${shown(kind)}; supported are "lora" and "loramoe"`);
  if (metadata.has("adapter.alora.invocation_tokens"))
    throw refuse("the adapter waits for certain tokens (aLoRA); supported are adapters that always act");
  const experts = kind === "lora" ? 1 : count("adapter.loramoe.experts");
  if (!experts) throw refuse("adapter.loramoe.experts is missing; expected how many pairs a layer has");
  const architecture = text("general.architecture");
  if (!architecture) throw refuse("general.architecture is missing; expected that of the model it is for");

  const sizes: Record<string, number> = {};
  for (const key of baseSizes) {
    const size = count(`${architecture}.${key}`);
    if (size !== undefined) sizes[key] = size;
  }
  const entries = parseJson(`${path}: glassbox.metadata`, text("glassbox.metadata") ?? "{}").entries(isAny, "");
  return {
    kind,
    name: text("general.name"),
    base: { architecture, name: text("general.base_model.0.name") ?? "", sizes },
    alpha: number("adapter.lora.alpha") ?? 0,
    experts,
    metadata: told(Object.fromEntries(entries) as Record<string, Json>),
  };
}

/**
 * What a file tells of its adapter's training: when it was made, the numbers that were measured, and its
 * fill-in-the-middle marks. All else is neither written nor read: an adapter is given away, and must not hold a line of
 * what it was trained on.
 */
function told({ made, report, fillInMiddle }: Adapter["metadata"]): Adapter["metadata"] {
  const marks = marksOf({ fillInMiddle });
  const isNumeric = (_: string, value: unknown) => (typeof value === "number" || isObject(value) ? value : undefined);
  return {
    ...(typeof made === "string" && /^[\d-]+T[\d:.]+Z$/.test(made) && { made }),
    ...JSON.parse(JSON.stringify({ report }, isNumeric)),
    ...(marks && { fillInMiddle: marks }),
  };
}

/** Names of the special tokens that an adapter was trained with as marks of fill-in-the-middle, as they stand in JSON. */
export type Marks = {
  prefix: string;
  suffix: string;
  middle: string;
};

/** From an adapter's metadata; undefined where it names no marks. */
export function marksOf({ fillInMiddle }: Readonly<Record<string, Json>>): Marks | undefined {
  const { prefix, suffix, middle } = (fillInMiddle ?? {}) as Partial<Record<keyof Marks, Json>>;
  if (typeof prefix !== "string" || typeof suffix !== "string" || typeof middle !== "string") return undefined;
  return { prefix, suffix, middle };
}
