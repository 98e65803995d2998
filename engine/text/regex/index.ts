// Regular expressions that take time linear in the text. Expressions come from files, and must not be able to block the
// editor, as `(a+)+$` does with a backtracking matcher.
//
// The expression becomes a nondeterministic automaton (Thompson, 1968). The text is read twice. Backwards, this finds for
// each position the set of states that lead to a match from there on; each set is computed once and cached. Forwards, it
// follows, among those states, the one that a backtracking matcher would try first. That one cannot fail, so nothing is
// tried twice, and the matches are those of a backtracking matcher.

import type { FindAll } from "../cut";
import { type CharacterClass, type Node, parseRegex, RegexError } from "./parse";

export { RegexError } from "./parse";

/** Ids of other states in `next`, the first tried first. */
type State =
  | { kind: "character"; of: number; next: number }
  /** `exit` is where a loop ends; it also ends where it has come round without a character. */
  | { kind: "choice"; next: number[]; exit?: number }
  | { kind: "ahead"; inside: number; negative: boolean; next: number }
  | { kind: "behind"; of: number; negative: boolean; next: number }
  | { kind: "match" };

const maxStates = 500;
/** How many sets of states are cached; one text may need half of them. Known tokenizers have fewer than a hundred. */
const maxSets = 5000;
/** The symbol before a text's first character and after its last. */
const none = -1;

/**
 * Compiles an expression. Throws RegexError where it is not supported or too large. The returned function throws
 * RegexError where a text would take too much memory, which happens only with expressions that are made for it.
 */
export function compileRegex(regex: string): FindAll {
  const { states, start, depths, classes } = automaton(parseRegex(regex));
  const symbolOf = symbols(classes);
  const looksBehind = states.some(({ kind }) => kind === "behind");

  /** The sets of states that lead to a match, one byte (0 or 1) a state. The first, past the end, is empty. */
  let sets: Uint8Array[] = [];
  let ids = new Map<string, number>();
  /** By set and symbol, the set one character before; by set and state, the state to follow. */
  let before: number[][] = [];
  let followed: number[][] = [];

  /** The set of each position in the text. The array is reused, since most texts are a few characters long. */
  let setAt = new Int32Array(64);

  function forget() {
    [sets, ids, before, followed] = [[], new Map(), [], []];
    intern(new Uint8Array(states.length));
  }

  function intern(set: Uint8Array): number {
    const key = Buffer.from(set.buffer).toString("latin1");
    const known = ids.get(key);
    if (known !== undefined) return known;
    if (sets.length >= maxSets) {
      forget();
      throw new RegexError("takes too much memory on this text");
    }
    ids.set(key, sets.length);
    before.push([]);
    followed.push([]);
    return sets.push(set) - 1;
  }

  /** The states that lead to a match before `symbol`, given the set `after` it. */
  function setBefore(after: Uint8Array, symbol: number, previous: number): number {
    const alive = new Uint8Array(states.length);
    const isAlive = (state: State): boolean => {
      switch (state.kind) {
        case "character":
          return symbol !== none && symbolOf.isOf(symbol, state.of) && after[state.next] === 1;
        case "choice":
          return state.next.some((next) => alive[next]);
        case "ahead":
          return (alive[state.inside] === 1) !== state.negative && alive[state.next] === 1;
        case "behind": {
          const found = state.of === none ? previous === none : previous !== none && symbolOf.isOf(previous, state.of);
          return found !== state.negative && alive[state.next] === 1;
        }
        case "match":
          return true;
      }
    };
    for (const depth of depths)
      for (let changed = true; changed; ) {
        changed = false;
        for (const id of depth)
          if (!alive[id] && isAlive(states[id])) {
            alive[id] = 1;
            changed = true;
          }
      }
    return intern(alive);
  }

  /**
   * The first state of the set, in order of preference, that is reached from `from` without a character and takes one, or
   * is the match.
   */
  function follow(from: number, alive: Uint8Array): number {
    const seen = new Set<number>();
    const waiting = [from];
    while (waiting.length) {
      const id = waiting.pop()!;
      const state = states[id];
      if (seen.has(id) && state.kind === "choice" && state.exit !== undefined && !seen.has(state.exit))
        waiting.push(state.exit);
      if (!alive[id] || seen.has(id)) continue;
      seen.add(id);
      if (state.kind === "character" || state.kind === "match") return id;
      if (state.kind === "choice") waiting.push(...state.next.toReversed());
      else waiting.push(state.next);
    }
    throw new Error(`No state follows ${from}, which leads to a match`);
  }

  forget();
  return (text) => {
    if (sets.length > maxSets / 2) forget();
    const { length } = text;
    if (setAt.length <= length) setAt = new Int32Array(2 * length + 1);
    let set = 0;
    let symbol = none;
    for (let at = length; ; ) {
      let previousAt = at - 1;
      let code = text.charCodeAt(previousAt);
      if ((code & 0xfc00) === 0xdc00 && at > 1 && isPair(text, at - 2)) code = text.codePointAt(--previousAt)!;
      const previous = at > 0 ? symbolOf(code) : none;
      const context = looksBehind ? (symbol + 1) * (symbolOf.max + 1) + previous + 1 : symbol + 1;
      set = before[set][context] ??= setBefore(sets[set], symbol, previous);
      setAt[at] = set;
      if (at === 0) break;
      at = previousAt;
      symbol = previous;
    }

    const found: number[] = [];
    let last = none;
    for (let at = 0; at <= length; ) {
      const from = at;
      if (!sets[setAt[at]][start]) {
        at += isPair(text, at) ? 2 : 1;
        continue;
      }
      let state = start;
      for (;;) {
        state = followed[setAt[at]][state] ??= follow(state, sets[setAt[at]]);
        const reached = states[state];
        if (reached.kind !== "character") break;
        state = reached.next;
        at += isPair(text, at) ? 2 : 1;
      }
      // An empty match directly after the last match does not count.
      if (at > from || from !== last) found.push(from, at);
      last = at;
      if (at === from) at += isPair(text, at) ? 2 : 1;
    }
    return found;
  };
}

const isPair = (text: string, at: number) =>
  (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;

interface Automaton {
  states: State[];
  start: number;
  /** State ids, those inside the innermost lookahead first: states outside of it depend on them. */
  depths: number[][];
  classes: CharacterClass[];
}

function automaton(root: Node): Automaton {
  const states: State[] = [];
  const depths: number[][] = [];
  const classes: CharacterClass[] = [];

  function add(state: State, depth: number): number {
    if (states.length >= maxStates) throw new RegexError("is too large once its repetitions are written out");
    depths[depth] ??= [];
    depths[depth].push(states.length);
    return states.push(state) - 1;
  }

  function classId({ source, ignoreCase }: CharacterClass): number {
    const known = classes.findIndex((other) => other.source === source && other.ignoreCase === ignoreCase);
    return known >= 0 ? known : classes.push({ source, ignoreCase }) - 1;
  }

  /** The state that matches `node` and continues at `next`. */
  function build(node: Node, next: number, depth: number): number {
    switch (node.kind) {
      case "character":
        return add({ kind: "character", of: classId(node.of), next }, depth);
      case "sequence":
        return node.parts.reduceRight((after, part) => build(part, after, depth), next);
      case "choice":
        return add({ kind: "choice", next: node.options.map((option) => build(option, next, depth)) }, depth);
      case "ahead": {
        const inside = build(node.node, add({ kind: "match" }, depth + 1), depth + 1);
        return add({ kind: "ahead", inside, negative: node.negative, next }, depth);
      }
      case "behind": {
        const of = node.of ? classId(node.of) : none;
        return add({ kind: "behind", of, negative: node.negative, next }, depth);
      }
      case "repeat":
        return buildRepeat(node, next, depth);
    }
  }

  function buildRepeat({ node, min, max, lazy }: Node & { kind: "repeat" }, next: number, depth: number): number {
    const choose = (inside: number) => (lazy ? [next, inside] : [inside, next]);
    let entry = next;
    if (max === Infinity) {
      const loop: State = { kind: "choice", next: [], exit: next };
      entry = add(loop, depth);
      loop.next = choose(build(node, entry, depth));
    } else
      for (let i = min; i < max; i++) entry = add({ kind: "choice", next: choose(build(node, entry, depth)) }, depth);
    for (let i = 0; i < min; i++) entry = build(node, entry, depth);
    return entry;
  }

  const start = build(root, add({ kind: "match" }, 0), 0);
  return { states, start, depths: depths.toReversed(), classes };
}

/** Maps characters to symbols, small integers: characters that belong to the same classes are one symbol. */
function symbols(classes: readonly CharacterClass[]) {
  const tests = classes.map(({ source, ignoreCase }) => new RegExp(`^${source}$`, ignoreCase ? "vi" : "v"));
  const known = new Map<string, number>();
  const members: string[] = [];
  const near = new Int32Array(0x800).fill(none);
  const far = new Map<number, number>();

  function classify(code: number): number {
    const letter = String.fromCodePoint(code);
    const key = tests.map((test) => (test.test(letter) ? "1" : "0")).join("");
    let symbol = known.get(key);
    if (symbol === undefined) {
      symbol = members.push(key) - 1;
      known.set(key, symbol);
    }
    if (code < near.length) near[code] = symbol;
    else far.set(code, symbol);
    return symbol;
  }
  function symbolOf(code: number): number {
    const symbol = code < near.length ? near[code] : (far.get(code) ?? none);
    return symbol === none ? classify(code) : symbol;
  }
  return Object.assign(symbolOf, {
    isOf: (symbol: number, of: number) => members[symbol][of] === "1",
    /** An upper bound of the symbols. */
    max: 2 ** 16,
  });
}
