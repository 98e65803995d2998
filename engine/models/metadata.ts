// Reading a checkpoint's metadata: a number where a number must be, or a sentence that says what came instead.

import { type Checkpoint, CheckpointError } from "../load/checkpoint";

export interface MetadataReader {
  /** A finite number; throws CheckpointError where there is none and no `otherwise`. */
  number(key: string, otherwise?: number): number;
  /** A whole number of at least one, at most 2^31. */
  count(key: string, otherwise?: number): number;
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
    count(key, otherwise) {
      const value = number(key, otherwise);
      if (Number.isInteger(value) && value >= 1 && value <= 2 ** 31) return value;
      throw new CheckpointError(`${path}: ${scope}.${key} should be a whole number from 1 on, but is ${value}`);
    },
    text(key) {
      const value = metadata.get(`${scope}.${key}`);
      return typeof value === "string" ? value : undefined;
    },
  };
}

const describe = (value: unknown) =>
  value === undefined ? "missing" : Array.isArray(value) ? "a list" : JSON.stringify(value);
