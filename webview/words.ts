// Formats numbers for people.

export const count = (value: number) => Math.round(value).toLocaleString("en");

/** Formats a loss with three decimals. */
export const nats = (value: number) => value.toFixed(3);

export const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`;

/** Puts the sign of a value before its size, with a real minus sign (U+2212). */
export const signed = (size: string, value: number) => `${value < 0 ? "−" : value > 0 ? "+" : "±"}${size}`;

export const change = ({ before, after }: { before: number; after: number }) =>
  signed(percent(Math.abs(after / before - 1)), after - before);

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

export function size(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** `4.9 million`. */
export function large(value: number): string {
  if (value < 1e5) return count(value);
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} million` : `${(value / 1e9).toFixed(1)} billion`;
}
