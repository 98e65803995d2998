// How fast the model reads and writes, for the status: from the last time that it did enough of it to tell.
import type { Reading } from "./completion/types";
import type { Context } from "./context";

const enough = { prefill: 32, decode: 4 };

export function measured({ speed, status }: Context, what: "prefill" | "decode", { tokens, milliseconds }: Reading) {
  if (tokens < enough[what]) return;
  speed[what] = Math.round((tokens * 1000) / milliseconds);
  const { prefill, decode } = speed;
  if (prefill !== undefined && decode !== undefined) status.set({ speed: { prefill, decode } });
}
