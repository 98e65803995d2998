// What a status says, in words: for the status bar's tooltip, the language status and the menu.
import type { Status } from "../protocol";

export function summary(status: Status): string {
  const { state, progress, model, problem, snoozedUntil } = status;
  if (state === "error") return problem?.message ?? "No completions.";
  if (state === "starting") return "Starting …";
  if (state === "loading")
    return `Loading ${model?.name ?? "the model"}${progress === undefined ? "" : `, ${Math.round(progress * 100)} %`} …`;
  if (state === "snoozed") return `Snoozed until ${clock(snoozedUntil)}.`;
  return model ? `${model.name} on ${deviceName(status)}` : "Ready.";
}

export const deviceName = ({ device }: Status) => (device ? device.name : "this machine");

export function speed({ speed }: Status): string {
  if (!speed) return "";
  const rate = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString("en")} tokens/s`;
  return `reads ${rate(speed.prefill)}, writes ${rate(speed.decode)}`;
}

export function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

const clock = (time = Date.now()) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
