// Similar code of a package, found as completions find it: by words in common, rare ones first.

const [chunkLines, step, following, queryLines] = [16, 8, 8, 12];
const leastScore = 0.2;

export function createChunks(files) {
  const all = files.flatMap((file) => {
    const lines = file.text.split("\n");
    const chunks = [];
    for (let first = 0; first < lines.length; first += step) {
      const text = lines.slice(first, first + chunkLines + following).join("\n").slice(0, 2000);
      chunks.push({ file, first, text, terms: terms(lines.slice(first, first + chunkLines).join("\n")) });
    }
    return chunks;
  });
  const holders = new Map();
  for (const [i, chunk] of all.entries())
    for (const term of chunk.terms) holders.has(term) ? holders.get(term).push(i) : holders.set(term, [i]);
  const idf = (term) => Math.log(all.length / (holders.get(term)?.length ?? all.length));
  for (const chunk of all) chunk.idf = [...chunk.terms].reduce((sum, term) => sum + idf(term), 0);

  return {
    all,
    /** The chunks of other files most like the lines before the caret, the best first. */
    like(file, caret, count) {
      const query = terms(file.text.slice(0, caret).split("\n").slice(-queryLines).join("\n"));
      const total = [...query].reduce((sum, term) => sum + idf(term), 0);
      const common = new Map();
      for (const term of query)
        if (holders.get(term)?.length < all.length / 10)
          for (const i of holders.get(term)) common.set(i, (common.get(i) ?? 0) + idf(term));
      const around = file.text.slice(Math.max(0, caret - 80), caret + 80);
      return [...common]
        .map(([i, sum]) => ({ chunk: all[i], score: sum / (total + (all[i].idf - sum) / 2) }))
        .filter(({ chunk, score }) => score >= leastScore && !isSame(chunk, file, around))
        .sort((a, b) => b.score - a.score)
        .filter(unlike())
        .slice(0, count)
        .map(({ chunk }) => chunk);
    },
  };
}

/** Whether the chunk is of the file itself or of a build of it. */
const isSame = ({ file, text }, of, around) => stem(file.path) === stem(of.path) || text.includes(around);
const stem = (path) => path.split("/").pop().replace(/(\.min|\.d)?\.\w+$/, "").toLowerCase();

/** Drops chunks that overlap a better one, or hold the same. */
function unlike() {
  const kept = [];
  return ({ chunk }) => {
    const again = kept.some((other) =>
      other.file === chunk.file
        ? Math.abs(other.first - chunk.first) < chunkLines + following
        : overlap(other.terms, chunk.terms) > 0.8,
    );
    if (!again) kept.push(chunk);
    return !again;
  };
}

function overlap(a, b) {
  let both = 0;
  for (const term of a) if (b.has(term)) both++;
  return both / Math.min(a.size, b.size);
}

/** Identifiers whole and split by case. */
function terms(text) {
  const found = new Set();
  for (const [word] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]+/gu)) {
    found.add(word.toLowerCase());
    for (const part of word.split(/_|(?<=\p{Ll})(?=\p{Lu})/u)) if (part.length > 2) found.add(part.toLowerCase());
  }
  return found;
}
