// Where the caret of an example stands, and what is to be written there: what people leave open while they type.

const kinds = [
  { of: 0.42, choose: lineEnd },
  { of: 0.1, choose: beforeClosers },
  { of: 0.3, choose: withinLine },
  { of: 0.18, choose: newLines },
];

/** From and to, as offsets in the text; undefined where the drawn line is not fit for the drawn kind. */
export function chooseHole(text, random) {
  const at = Math.floor(random.next() * text.length);
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at);
  const line = text.slice(start, end);
  const indent = /^\s*/.exec(line)[0].length;
  const length = line.trimEnd().length;
  if (length - indent < 3 || length > 200) return undefined;
  const { choose } = random.weighted(kinds, ({ of }) => of);
  const hole = choose({ text, start, line, indent, length }, random);
  return hole && hole.to > hole.from ? hole : undefined;
}

/** The rest of a line. */
function lineEnd({ start, line, indent, length }, random) {
  return { from: start + place(line, indent, length, random), to: start + length };
}

/** The rest of a line up to the closing brackets and quotes that an editor has put right of the caret. */
function beforeClosers({ start, line, indent, length }, random) {
  const closers = /[)\]}"'`;,]+$/.exec(line.slice(0, length));
  if (!closers || closers.index <= indent) return undefined;
  return { from: start + place(line, indent, closers.index, random), to: start + closers.index };
}

/** A part of a line, up to forty characters. */
function withinLine({ start, line, indent, length }, random) {
  const from = place(line, indent, length - 1, random);
  const reach = Math.min(length - 1, from + Math.ceil(40 ** random.next()) + 1);
  const to = random.chance(0.5) ? border(line, reach, length - 1, random) : reach;
  return { from: start + from, to: start + to };
}

/** Whole lines from an indented, empty line on: to a blank line, to where the indentation ends, or eight lines. */
function newLines({ text, start, indent }, random) {
  const lines = text.slice(start, start + 2000).split("\n");
  const wanted = random.chance(0.5) ? 1 : 1 + Math.floor(random.next() * 8);
  let [count, length] = [0, 0];
  while (count < Math.min(wanted, lines.length - 1)) {
    const line = lines[count];
    if (!line.trim() || /^\s*/.exec(line)[0].length < indent) break;
    length += line.length + 1;
    count++;
  }
  return count > 0 ? { from: start + indent, to: start + length - 1 } : undefined;
}

/** A place from `least` to before `end`: at the border of a word more often than not. */
function place(line, least, end, random) {
  const at = least + Math.floor(random.next() * Math.max(1, end - least));
  return random.chance(0.6) ? Math.max(least, border(line, at, end, random)) : at;
}

/** The next border of a word at or after `at`, below `end`; `at` where there is none. */
function border(line, at, end) {
  for (let i = Math.max(1, at); i < end; i++) if (/\w/.test(line[i - 1]) !== /\w/.test(line[i])) return i;
  return at;
}
