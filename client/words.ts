// Texts for the status and for lessons: in the status bar's tooltip, the language status and the menu.
import type { BeforeAfter, LessonReport, LessonView, Status } from "../protocol";

export function summary(status: Status): string {
  const { state, progress, model, problem, snoozedUntil } = status;
  if (state === "error") return problem?.message ?? "No completions.";
  if (state === "starting") return "Starting …";
  if (state === "loading")
    return `Loading ${model?.name ?? "the model"}${progress === undefined ? "" : `, ${Math.round(progress * 100)} %`} …`;
  if (state === "snoozed") return `Snoozed until ${clock(snoozedUntil)}.`;
  return model ? `${model.name} on ${deviceName(status)}` : "Ready.";
}

/** The adapters in use, such as “shop-talk at scale 0.5”; "" if there are none. */
export const adapterWords = ({ adapters = [] }: Status): string =>
  adapters.map(({ name, scale }) => (scale === 1 ? name : `${name} at scale ${scale}`)).join(", ");

/** The state of a running lesson. */
export function teaching({ lesson }: LessonView): string {
  const { state, progress } = lesson!;
  if (state === "stopping") return "Stopping …";
  const doing = state === "measuring" ? "Measuring," : state === "paused" ? "Paused at" : "Teaching,";
  return `${doing} ${Math.floor(progress * 100)} %`;
}

/** The progress of a running lesson: the reason for a pause, steps, losses, speed and time left. */
export function progressLines({ lesson }: LessonView): string[] {
  const { reason, step, steps, curve, tokensPerSecond, secondsLeft } = lesson!;
  const loss = curve.findLast((point) => point.loss !== undefined)?.loss;
  const heldOut = curve.findLast((point) => point.heldOut !== undefined)?.heldOut;
  const lines = [`Step ${step.toLocaleString("en")} of ${steps.toLocaleString("en")}`];
  if (reason) lines.unshift(reason);
  if (loss !== undefined) lines.push(`Loss ${loss.toFixed(3)}`);
  if (heldOut !== undefined) lines.push(`Held-out loss ${heldOut.toFixed(3)}`);
  if (tokensPerSecond) lines.push(`${Math.round(tokensPerSecond).toLocaleString("en")} tokens/s`);
  if (secondsLeft !== undefined) lines.push(`${minutes(secondsLeft)} left`);
  return lines;
}

/** `1.92 → 1.61 (−16 %)`. */
export function losses({ before, after }: BeforeAfter): string {
  const change = (after / before - 1) * 100;
  return `${before.toFixed(2)} → ${after.toFixed(2)} (${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(1)} %)`;
}

export const outcome = ({ heldOutLoss }: LessonReport) => `Held-out loss: ${losses(heldOutLoss)}`;

export const adapterNames = { lora: "LoRA", loramoe: "LoRAMoE" };

export const deviceName = ({ device }: Status) => (device ? device.name : "this machine");

export function speed({ speed }: Status): string {
  if (!speed) return "";
  const rate = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en")} tokens/s`;
  return `reads ${rate(speed.prefill)}, writes ${rate(speed.decode)}`;
}

export function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

const minutes = (seconds: number) =>
  seconds < 50 ? "Less than a minute" : seconds < 90 ? "A minute" : `${Math.round(seconds / 60)} minutes`;

export const clock = (time = Date.now()) =>
  new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

/** Turns a clause into a sentence. */
export const sentence = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}`.replace(/\.?$/, ".");
