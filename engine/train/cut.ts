// Cuts texts that are longer than a sequence into pieces.

/**
 * Pieces of at most `room` tokens, as long as possible. They end where a line does; only a line that is longer itself is
 * cut. `count` gives a text's tokens. Throws RangeError where `room` is below 1.
 */
export function cutAtLines(text: string, room: number, count: (text: string) => number): string[] {
  if (room < 1) throw new RangeError(`A sequence should have room for a token of text, not ${room}`);
  const pieces: string[] = [];
  let [piece, tokens] = ["", 0];
  for (const line of text.split(/(?<=\n)/).flatMap((line) => halves(line, room, count))) {
    const more = count(line);
    if (piece && tokens + more > room) {
      pieces.push(piece);
      [piece, tokens] = ["", 0];
    }
    [piece, tokens] = [piece + line, tokens + more];
  }
  return piece ? [...pieces, piece] : pieces;
}

/** The line in halves of halves, until each fits; never between two halves of a surrogate pair. */
function halves(line: string, room: number, count: (text: string) => number): string[] {
  if (line.length < 2 || count(line) <= room) return [line];
  const at = /^[\udc00-\udfff]/.test(line.slice(line.length >> 1)) ? (line.length >> 1) + 1 : line.length >> 1;
  if (at === line.length) return [line];
  return [line.slice(0, at), line.slice(at)].flatMap((half) => halves(half, room, count));
}
