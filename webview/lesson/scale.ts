// Computes the domain of an axis, the places of values on it, and its marks.

export interface Domain {
  low: number;
  high: number;
}

/** Covers all values of `calm`, and those of `noisy` without the lowest and the highest fiftieth, with a margin. */
export function domain(calm: number[], noisy: number[]): Domain {
  const sorted = noisy.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 50);
  const values = [...calm, ...sorted.slice(cut, sorted.length - cut)];
  if (values.length === 0) return { low: 0, high: 1 };
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = (high - low) * 0.08 || 0.1;
  return { low: Math.max(0, low - room), high: high + room };
}

/** About `wished` round numbers within the domain, in steps of 1, 2 or 5 times a power of ten. */
export function marks({ low, high }: Domain, wished: number): number[] {
  const rough = (high - low) / wished;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.8) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** 0 at `low`, 100 at `high`. */
export const placeOn =
  ({ low, high }: Domain) =>
  (value: number) =>
    Number((((value - low) / (high - low)) * 100).toFixed(2));
