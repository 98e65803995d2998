// Reading JSON that somebody else wrote: a number where a number must be, or a sentence that says what came instead.

import { CheckpointError } from "./checkpoint";

/** An object in a JSON file. Null and nothing are the same. */
export interface JsonReader {
  get(key: string): unknown;
  /** A finite number; throws CheckpointError where there is none and no `otherwise`. */
  number(key: string, otherwise?: number): number;
  /** A whole number from 1 on. */
  count(key: string, otherwise?: number): number;
  /** One value stands for a list of it. */
  list(key: string): unknown[];
  object(key: string): JsonReader | undefined;
  entries(): [string, unknown][];
  refuse(sentence: string): CheckpointError;
}

/** Reads the object in the text of the file at `path`. */
export function parseJson(path: string, text: string): JsonReader {
  try {
    return jsonReader(path, JSON.parse(text));
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(`${path} is not valid JSON: ${(error as Error).message}`);
  }
}

export function jsonReader(path: string, json: unknown): JsonReader {
  const refuse = (sentence: string) => new CheckpointError(`${path}: ${sentence}`);
  if (!isObject(json)) throw refuse(`expected a JSON object, got ${shown(json)}`);
  const get = (key: string) => (Object.hasOwn(json, key) ? (json[key] ?? undefined) : undefined);
  const number = (key: string, otherwise?: number) => {
    const value = get(key) ?? otherwise;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw refuse(`${key} should be a number, but is ${shown(value)}`);
  };
  return {
    get,
    number,
    count(key, otherwise) {
      const value = number(key, otherwise);
      if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
      throw refuse(`${key} should be a whole number from 1 on, but is ${value}`);
    },
    list: (key) => [get(key) ?? []].flat(),
    object: (key) => (isObject(get(key)) ? jsonReader(path, get(key)) : undefined),
    entries: () => Object.entries(json),
    refuse,
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: unknown) => (value === undefined ? "missing" : JSON.stringify(value).slice(0, 80));
