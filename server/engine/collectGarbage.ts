// Runs V8's garbage collector now. An engine's memory, which its worker shares with this thread, is freed when this thread
// drops its last reference. V8 counts that reference as a few bytes, so by itself it may not collect for hours.
// An adapter that was read leaves 40 MB, which it does not hurry to free either.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export function collectGarbage() {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  setFlagsFromString("--no-expose-gc");
}
