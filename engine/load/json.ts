// Reads JSON of other programs: each value has the expected type, or an error names the field, what was expected and what
// came.

import { CheckpointError, printable, quote } from "./checkpoint";

/** An object in a JSON file. A null is treated as missing. Every method but `get` throws CheckpointError. */
export interface JsonReader {
  get(key: string): unknown;
  /** A finite number. Throws where it is missing and there is no `otherwise`. */
  number(key: string, otherwise?: number): number;
  /** A number above 0. */
  positive(key: string, otherwise?: number): number;
  /** An integer of at least 1. */
  count(key: string, otherwise?: number): number;
  text(key: string): string | undefined;
  flag(key: string): boolean | undefined;
  /** A list of values of any type. A single value is taken as a list of one. */
  list(key: string): unknown[];
  object(key: string): JsonReader | undefined;
  objects(key: string): JsonReader[];
  /** All keys and values. Every value must be a T, as `is` tests; `what` names the type in the error. */
  entries<T>(is: (value: unknown) => value is T, what: string): [string, T][];
  /** An error with the file's path and this text as its message. */
  refuse(sentence: string): CheckpointError;
  /** A key as messages name it, with the keys of the enclosing objects before it. */
  name(key: string): string;
}

/** Reads the object in the text of the file at `path`. Throws CheckpointError. */
export function parseJson(path: string, text: string): JsonReader {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CheckpointError(`${path} is not valid JSON: ${printable((error as Error).message)}`);
  }
  return jsonReader(path, json);
}

/** `within` names the object inside the file, such as `model.`. */
export function jsonReader(path: string, json: unknown, within = ""): JsonReader {
  const refuse = (sentence: string) => new CheckpointError(`${path}: ${sentence}`);
  if (!isObject(json))
    throw refuse(
      within
        ? `${within.replace(/\.$/, "")} should be an object, but is ${shown(json)}`
        : `expected a JSON object, got ${shown(json)}`,
    );
  const name = (key: string) => within + key;
  const get = (key: string) => (Object.hasOwn(json, key) ? (json[key] ?? undefined) : undefined);
  const wrong = (key: string, expected: string, value = get(key)) =>
    refuse(`${name(key)} should be ${expected}, but is ${shown(value)}`);

  function typed<T>(key: string, is: (value: unknown) => value is T, expected: string): T | undefined {
    const value = get(key);
    if (value === undefined || is(value)) return value;
    throw wrong(key, expected);
  }
  function number(key: string, otherwise?: number): number {
    const value = get(key) ?? otherwise;
    if (isNumber(value)) return value;
    throw wrong(key, "a number");
  }
  return {
    get,
    number,
    positive(key, otherwise) {
      const value = number(key, otherwise);
      if (value > 0) return value;
      throw wrong(key, "a number above 0");
    },
    count(key, otherwise) {
      const value = number(key, otherwise);
      if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
      throw wrong(key, "a whole number from 1 on", value);
    },
    text: (key) => typed(key, isText, "a text"),
    flag: (key) => typed(key, isFlag, "true or false"),
    list: (key) => [get(key) ?? []].flat(),
    object(key) {
      const value = get(key);
      return value === undefined ? undefined : jsonReader(path, value, `${name(key)}.`);
    },
    objects: (key) =>
      (typed(key, isList, "a list of objects") ?? []).map((value, i) => jsonReader(path, value, `${name(key)}[${i}].`)),
    entries<T>(is: (value: unknown) => value is T, what: string) {
      return Object.entries(json).map(([key, value]): [string, T] => {
        if (is(value)) return [key, value];
        throw refuse(`${within}${quote(key)} should be ${what}, but is ${shown(value)}`);
      });
    },
    refuse,
    name,
  };
}

export const isText = (value: unknown): value is string => typeof value === "string";
export const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
export const isAny = (_: unknown): _ is unknown => true;
const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
const isList = (value: unknown): value is unknown[] => Array.isArray(value);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const maxShown = 8;

/** A value for a message, on one line; of lists and objects the first few scalars. */
export function shown(value: unknown, inside = false): string {
  if (value === undefined) return "missing";
  if (isText(value)) return quote(value);
  if (isList(value)) return inside ? "[…]" : `[${some(value, (item) => shown(item, true))}]`;
  if (!isObject(value)) return String(value);
  return inside ? "{…}" : `{${some(Object.entries(value), ([key, item]) => `${quote(key)}:${shown(item, true)}`)}}`;
}

const some = <T>(items: readonly T[], show: (item: T) => string): string =>
  items.slice(0, maxShown).map(show).join(",") + (items.length > maxShown ? ",…" : "");
