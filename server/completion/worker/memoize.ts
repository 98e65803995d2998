// Keeps the results of a function of texts.

/** Keeps the results for the last thousand texts. */
export function memoize<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const made = known.get(text) ?? make(text);
    known.delete(text);
    known.set(text, made);
    if (known.size > 1000) known.delete(known.keys().next().value!);
    return made;
  };
}
