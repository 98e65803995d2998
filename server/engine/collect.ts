// Collects garbage now. What a worker shared with this thread, such as an engine's memory, is given back to the system once
// nothing refers to it here, and V8, which sees only a word of it, may not look for hours.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export function collect() {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  setFlagsFromString("--no-expose-gc");
}
