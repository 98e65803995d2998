// A text in pieces whose borders stay where they are while one types further down, so that each is encoded once and
// the start of a prompt, cut at a border, stands still in the model's cache.

/**
 * Cuts `text` about every `size` characters, at the start of a line that is not indented if there is one near: no
 * tokenizer joins characters across such a border, so that the pieces' tokens are those of the whole.
 */
export function blocks(text: string, size: number): string[] {
  const borders = [0];
  for (let from = size; from < text.length; from = Math.floor(borders.at(-1)! / size + 1) * size) {
    const border = borderAfter(text, from, size);
    if (border === undefined) break;
    borders.push(border);
  }
  return borders.map((border, i) => text.slice(border, borders[i + 1]));
}

/** Decided by nothing beyond `from + size`; undefined while the text is too short to decide. */
function borderAfter(text: string, from: number, size: number): number | undefined {
  const window = text.slice(from, from + size);
  const flush = window.search(/(?<=\n)\S/);
  if (flush >= 0) return from + flush;
  if (window.length < size) return undefined;
  const line = window.indexOf("\n");
  if (line >= 0) return from + line + 1;
  const pair = /[\ud800-\udbff]/.test(text[from - 1]);
  return pair ? from + 1 : from;
}
