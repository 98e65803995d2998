// Reports prefill and decode speed in the status, each from the last run with enough tokens to measure it.
import type { Reading } from "./completion/types";
import type { Context } from "./context";

const minTokens = { prefill: 32, decode: 4 };

export function reportSpeed({ speed, status }: Context, what: "prefill" | "decode", { tokens, milliseconds }: Reading) {
  if (tokens < minTokens[what]) return;
  speed[what] = Math.round((tokens * 1000) / milliseconds);
  const { prefill, decode } = speed;
  if (prefill !== undefined && decode !== undefined) status.set({ speed: { prefill, decode } });
}
