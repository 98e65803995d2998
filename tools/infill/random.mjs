// Random numbers from a seed (mulberry32).

export function seeded(seed) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const one = (list) => list[Math.floor(next() * list.length)];
  const sums = new Map();
  /** One of the list, as often as its weight says. Sums of weights are kept by list. */
  function weighted(list, weightOf) {
    if (!sums.has(list)) {
      let sum = 0;
      sums.set(
        list,
        list.map((item) => (sum += weightOf(item))),
      );
    }
    const cumulative = sums.get(list);
    const target = next() * cumulative.at(-1);
    return list[cumulative.findIndex((sum) => sum > target)];
  }
  return { next, one, weighted, chance: (share) => next() < share };
}
