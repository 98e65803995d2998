// Reading a checkpoint's metadata: a number where a number must be, or a sentence that says what came instead.

import { type Checkpoint, CheckpointError, type MetadataValue } from "../load/checkpoint";
import { shown } from "../load/json";

export interface MetadataReader {
  /** A finite number; throws CheckpointError where there is none and no `otherwise`. */
  number(key: string, otherwise?: number): number;
  /** A number above 0, at most `max`. */
  positive(key: string, max: number, otherwise?: number): number;
  /** A whole number of at least one, at most 2^31. */
  count(key: string, otherwise?: number): number;
  /** Undefined where there is none; throws CheckpointError where it is no text. */
  text(key: string): string | undefined;
}

/** Reads keys under `{architecture}.`. */
export function metadataOf({ metadata, path }: Checkpoint): MetadataReader {
  const scope = String(metadata.get("general.architecture"));
  const number = (key: string, otherwise?: number) => {
    const value = metadata.get(`${scope}.${key}`) ?? otherwise;
    const asNumber = typeof value === "bigint" ? Number(value) : value;
    if (typeof asNumber === "number" && Number.isFinite(asNumber)) return asNumber;
    throw new CheckpointError(`${path}: ${scope}.${key} should be a number, but is ${describe(value)}`);
  };
  return {
    number,
    positive(key, max, otherwise) {
      const value = number(key, otherwise);
      if (value > 0 && value <= max) return value;
      throw new CheckpointError(`${path}: ${scope}.${key} should be above 0 and at most ${max}, but is ${value}`);
    },
    count(key, otherwise) {
      const value = number(key, otherwise);
      if (Number.isInteger(value) && value >= 1 && value <= 2 ** 31) return value;
      throw new CheckpointError(`${path}: ${scope}.${key} should be a whole number from 1 on, but is ${value}`);
    },
    text(key) {
      const value = metadata.get(`${scope}.${key}`);
      if (value === undefined || typeof value === "string") return value;
      throw new CheckpointError(`${path}: ${scope}.${key} should be a text, but is ${describe(value)}`);
    },
  };
}

const describe = (value: MetadataValue | undefined) => (typeof value === "bigint" ? String(value) : shown(value));
