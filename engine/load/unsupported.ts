// The error about a model of an architecture that is not supported.

import { CheckpointError } from "./checkpoint";
import { shown } from "./json";

/** Models to suggest, with what they are good at. */
const next = "Choose a model of these, such as Qwen2.5-Coder (Qwen2) or SmolLM2 (Llama)";

/** `supported` are the names of the supported architectures in this format. */
export function unsupportedArchitecture(path: string, name: unknown, supported: readonly string[]): CheckpointError {
  const given = name === undefined ? "(none)" : shown(name);
  const nearest = typeof name === "string" ? nearestOf(name, supported) : undefined;
  const hint = nearest ? `; the nearest is ${nearest}` : "";
  return new CheckpointError(
    `${path}: the architecture ${given} is not supported; supported are ${supported.join(", ")}${hint}. ${next}`,
  );
}

/** The supported architecture of the same family: the one with the longest common prefix, of at least four letters. */
function nearestOf(name: string, supported: readonly string[]): string | undefined {
  const shared = (other: string) => {
    let length = 0;
    while (length < other.length && other[length].toLowerCase() === name[length]?.toLowerCase()) length++;
    return length;
  };
  const [best] = supported.toSorted((a, b) => shared(b) - shared(a));
  return shared(best) >= 4 ? best : undefined;
}
