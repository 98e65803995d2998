// The type of a `glassbox` command, the options that several commands share, and functions to read option values.

import { cpus } from "node:os";
import type { ParseArgsConfig } from "node:util";
import { builtIn, type DeviceChoice, type Engine, type LoadOptions, loadEngine } from "../engine";
import { progress } from "./terminal";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The parsed command line. An option that was not given is undefined. */
export interface ParsedArgs {
  values: Record<string, string | string[] | boolean | undefined>;
  positionals: string[];
}

export interface Command {
  /** One line, for the list of commands. */
  summary: string;
  /** The usage line after `glassbox NAME`. */
  usage: string;
  /** The largest number of positional arguments; 0 by default. */
  maxPositionals?: number;
  /** The options with their help texts, in the order of the help. */
  options: Record<string, Options[string] & { help: string }>;
  run(args: ParsedArgs): Promise<void>;
}

/** The command line is wrong. The exit code is 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

export const modelOptions = {
  model: { type: "string", help: "GGUF file or Hugging Face folder (the built-in model)" },
  device: { type: "string", help: "auto, cpu, gpu or reference (auto)" },
  threads: { type: "string", help: "CPU threads (all cores; one fewer on machines with more than four)" },
  adapter: {
    type: "string",
    multiple: true,
    help: "adapter to use with the model: a GGUF file or a peft folder; may be repeated",
  },
  scale: { type: "string", help: "scale of the adapters (1)" },
  context: { type: "string", help: "size of the KV cache in tokens (4096, at most the model's own context)" },
} as const satisfies Command["options"];

export const jsonOption = { json: { type: "boolean", help: "print JSON" } } as const satisfies Command["options"];

export const defaultModel = () => builtIn.path;

/** Loads the model that the shared options name, with progress on stderr, and disposes of it after `use`. */
export async function withEngine<T>(
  { values, cacheType }: ParsedArgs & Pick<LoadOptions, "cacheType">,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const scale = positiveOf(values, "scale", 1);
  const engine = await loadEngine((values.model as string) ?? defaultModel(), {
    ...deviceOf(values),
    context: countOf(values, "context", 4096),
    cacheType,
    adapters: ((values.adapter as string[] | undefined) ?? []).map((path) => ({ path, scale })),
    onProgress: (share) => progress(`loading ${Math.floor(share * 100)} %`),
  });
  try {
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

/** The values of --device and --threads. With 0 threads the engine chooses their number. */
export function deviceOf(values: ParsedArgs["values"]): { device: DeviceChoice; threads: number } {
  const threads = values.threads === undefined ? 0 : countOf(values, "threads", 0);
  const processors = cpus().length;
  if (threads > processors)
    throw new UsageError(
      `--threads takes a number up to ${processors}, the number of processors of this machine, not ${threads}`,
    );
  return { device: oneOf(values, "device", ["auto", "cpu", "gpu", "reference"], "auto"), threads };
}

/** An option's value as a whole number, at least 0. Throws UsageError for anything else. */
export function numberOf(values: ParsedArgs["values"], name: string, otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text as string) || !Number.isSafeInteger(value))
    throw new UsageError(`--${name} takes a whole number, not “${text}”`);
  return value;
}

/** An option's value as a whole number, at least 1. Throws UsageError for anything else. */
export function countOf(values: ParsedArgs["values"], name: string, otherwise: number): number {
  const count = numberOf(values, name, otherwise);
  if (count === 0 && values[name] !== undefined) throw new UsageError(`--${name} takes a number from 1 on`);
  return count;
}

/** An option's value as a number, at least 0. Throws UsageError for anything else. */
export function positiveOf(values: ParsedArgs["values"], name: string, otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^[\d.]+(e[+-]?\d+)?$/i.test(text as string) || !Number.isFinite(value))
    throw new UsageError(`--${name} takes a number from 0 on, not “${text}”`);
  return value;
}

/** An option's value as one of `choices`. Throws UsageError for anything else. */
export function oneOf<T extends string>(
  values: ParsedArgs["values"],
  name: string,
  choices: readonly T[],
  otherwise: T,
): T {
  const value = values[name] ?? otherwise;
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw new UsageError(`--${name} takes one of ${choices.join(", ")}, not “${value}”`);
  return choice;
}

/** The value of a required option. Throws UsageError if it is missing. */
export function required(values: ParsedArgs["values"], name: string): string {
  const value = values[name];
  if (typeof value !== "string" || !value) throw new UsageError(`the option --${name} is required`);
  return value;
}
