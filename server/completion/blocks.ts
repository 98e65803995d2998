// Splits a text into pieces whose boundaries stay in place while the user types further down.

/** Cuts `text` at the first line start after every `size` characters, or after `size` characters if a line is longer. */
export function blocks(text: string, size: number): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    const to = borderAfter(text, from + size, size);
    pieces.push(text.slice(from, to));
    from = to;
  }
  return pieces;
}

function borderAfter(text: string, from: number, reach: number): number {
  const line = text.indexOf("\n", from - 1) + 1;
  if (line > 0 && line <= from + reach) return line;
  if (from + reach >= text.length) return text.length; // the line may still end within reach
  return splitsPair(text, from) ? from + 1 : from;
}

const splitsPair = (text: string, at: number) => /[\ud800-\udbff]/.test(text[at - 1]);

/** The end of `text`: `size` characters or more, if it has them, from a start that seldom moves while the text grows. */
export function stableEnd(text: string, size: number): string {
  const from = Math.floor((text.length - size) / size) * size;
  return from <= 0 ? text : text.slice(borderAfter(text, from, size));
}
