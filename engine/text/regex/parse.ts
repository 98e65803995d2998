// Parses regular expressions of tokenizer.json: the part of Oniguruma's syntax (doc/RE in kkos/oniguruma) that a finite
// automaton can match. Character classes are translated to JavaScript's (`v` flag).

/**
 * A regular expression cannot be used. The message says why, as the predicate of a sentence whose subject is the
 * expression.
 */
export class RegexError extends Error {
  override name = "RegexError";
}

/** Matches one character: a class in JavaScript's syntax (`v` flag), which may ignore case. */
export interface CharacterClass {
  source: string;
  ignoreCase: boolean;
}

export type Node =
  | { kind: "character"; of: CharacterClass }
  | { kind: "sequence"; parts: Node[] }
  /** Alternatives, the preferred first. */
  | { kind: "choice"; options: Node[] }
  | { kind: "repeat"; node: Node; min: number; max: number; lazy: boolean }
  /** Whether what follows matches. */
  | { kind: "ahead"; node: Node; negative: boolean }
  /** Whether the character before belongs to the class; without a class, whether there is no character before. */
  | { kind: "behind"; of?: CharacterClass; negative: boolean };

const longest = 2 ** 16;
/** How deeply groups and classes may nest. */
const deepest = 100;

/** Parses an expression. Throws RegexError. */
export function parseRegex(regex: string): Node {
  const letters = Array.from(regex);
  let at = 0;
  let ignoreCase = false;
  let depth = 0;

  if (letters.length > longest) throw new RegexError(`has ${letters.length} characters; expected at most ${longest}`);
  /** Longer than any escape, flag or quantifier. */
  const rest = () => letters.slice(at, at + 64).join("");
  function eat(text: string): boolean {
    const found = letters.slice(at, at + text.length).join("") === text;
    if (found) at += text.length;
    return found;
  }
  function eatMatch(pattern: RegExp): RegExpExecArray | null {
    const found = pattern.exec(rest());
    if (found) at += Array.from(found[0]).length;
    return found;
  }

  const character = (source: string): Node => ({ kind: "character", of: { source: `[${source}]`, ignoreCase } });
  const any = (): Node => character("\\s\\S");
  const ahead = (node: Node, negative = false): Node => ({ kind: "ahead", node, negative });
  const behind = (source?: string, negative = false): Node => ({
    kind: "behind",
    of: source === undefined ? undefined : { source: `[${source}]`, ignoreCase: false },
    negative,
  });
  const sequenceOf = (...parts: Node[]): Node => ({ kind: "sequence", parts });
  const choiceOf = (...options: Node[]): Node => ({ kind: "choice", options });
  const textEnd = () => ahead(any(), true);

  function choice(): Node {
    if (++depth > deepest) throw new RegexError("nests groups too deeply");
    const options = [sequence()];
    while (eat("|")) options.push(sequence());
    depth--;
    return options.length === 1 ? options[0] : choiceOf(...options);
  }

  function sequence(): Node {
    const parts: Node[] = [];
    while (at < letters.length && letters[at] !== "|" && letters[at] !== ")") parts.push(repeated(atom()));
    return sequenceOf(...parts);
  }

  function repeated(node: Node): Node {
    for (;;) {
      const [found, sign, from, comma, to] = eatMatch(/^(?:([?*+])|\{(\d*)(?:(,)(\d*))?\})/) ?? [];
      if (found === undefined) return node;
      if (!sign && !from && !to) {
        at -= found.length;
        return node;
      }
      const min = sign ? (sign === "+" ? 1 : 0) : Number(from || 0);
      const max = sign ? (sign === "?" ? 1 : Infinity) : !comma ? min : to ? Number(to) : Infinity;
      if (max < min) throw new RegexError(`repeats at least ${min} and at most ${max} times`);
      if (eat("+")) throw new RegexError("has a possessive quantifier");
      const lazy = eat("?");
      if (lazy && !sign && !comma) throw new RegexError(`has ${found}?, which programs read differently`);
      node = { kind: "repeat", node, min, max, lazy };
    }
  }

  function atom(): Node {
    const letter = letters[at++];
    if (letter === "(") return group();
    if (letter === "[") return { kind: "character", of: { source: characterClass(), ignoreCase } };
    if (letter === "\\") return escaping();
    if (letter === ".") return character("^\\n");
    if (letter === "^") return choiceOf(behind(), sequenceOf(behind("\\n"), ahead(any())));
    if (letter === "$") return choiceOf(ahead(character("\\n")), textEnd());
    if (letter === "*" || letter === "+" || letter === "?")
      throw new RegexError(`has a ${letter} that repeats nothing`);
    return character(literal(letter));
  }

  function group(): Node {
    const before = ignoreCase;
    const close = (node: Node): Node => {
      if (!eat(")")) throw new RegexError("has a group without an end");
      ignoreCase = before;
      return node;
    };
    if (!eat("?")) return close(choice());
    const [flags, on, off] = eatMatch(/^(?:(i)|(-i))?(?=[:)])/) ?? [];
    if (flags !== undefined) {
      if (off ?? on) ignoreCase = on !== undefined;
      if (eat(":")) return close(choice());
      at++; // `(?i)` holds until the group around it ends
      const node = choice();
      ignoreCase = before;
      return node;
    }
    if (eat("=")) return close(ahead(choice()));
    if (eat("!")) return close(ahead(choice(), true));
    if (eat("<=")) return close(behindGroup(choice(), false));
    if (eat("<!")) return close(behindGroup(choice(), true));
    if (eatMatch(/^<\w+>/)) return close(choice());
    throw new RegexError(`has a group of a kind that is not supported, (?${rest().slice(0, 2)}…`);
  }

  function behindGroup(node: Node, negative: boolean): Node {
    const [only, ...others] = node.kind === "sequence" ? node.parts : [node];
    if (only?.kind !== "character" || others.length) throw new RegexError("looks behind at more than one character");
    return { kind: "behind", of: only.of, negative };
  }

  function escaping(): Node {
    const word = classes.w;
    switch (letters[at]) {
      case "A":
        at++;
        return behind();
      case "z":
        at++;
        return textEnd();
      case "Z":
        at++;
        return choiceOf(ahead(sequenceOf(character("\\n"), textEnd())), textEnd());
      case "b":
      case "B": {
        const negative = letters[at++] === "B";
        const [inside, outside] = [ahead(character(word)), ahead(character(word), true)];
        return choiceOf(
          sequenceOf(behind(word), negative ? inside : outside),
          sequenceOf(behind(word, true), negative ? outside : inside),
        );
      }
    }
    return character(escaped());
  }

  /** Parses what follows a backslash, inside a class or outside, as members of a class. */
  function escaped(): string {
    const letter = letters[at++];
    if (letter === undefined) throw new RegexError("ends in a backslash");
    if (Object.hasOwn(classes, letter)) return classes[letter];
    if (Object.hasOwn(controls, letter)) return literal(String.fromCharCode(controls[letter]));
    if (letter === "p" || letter === "P") {
      const [found, not, name] = eatMatch(/^\{(\^?)([\w =-]+)\}/) ?? [];
      if (found === undefined) throw new RegexError(`has a \\${letter} without a property`);
      return member(name, (letter === "P") !== (not === "^"));
    }
    if (letter === "x" || letter === "u") {
      const [found, braced, plain] =
        eatMatch(letter === "x" ? /^(?:\{([\da-f]{1,6})\}|([\da-f]{2}))/i : /^()([\da-f]{4})/i) ?? [];
      const code = Number.parseInt(braced || plain, 16);
      if (found === undefined || !(code <= 0x10ffff)) throw new RegexError(`has a \\${letter} without a character`);
      return literal(String.fromCodePoint(code));
    }
    if (/[\p{L}\p{N}]/u.test(letter)) throw new RegexError(`has \\${letter}, which is not supported`);
    return literal(letter);
  }

  function member(name: string, negative: boolean): string {
    if (ignoreCase && /^(l[ult]|upper|lower|title|cased)/i.test(name))
      throw new RegexError(`asks for the case of letters, ${name}, where case is ignored`);
    return property(name, negative);
  }

  /** Parses a class from after its `[`. */
  function characterClass(): string {
    if (++depth > deepest) throw new RegexError("nests classes too deeply");
    const negative = eat("^");
    const both: string[] = [];
    let members = "";
    for (let first = true; first || letters[at] !== "]"; first = false) {
      if (at >= letters.length) throw new RegexError("has a class without an end");
      if (eat("&&")) {
        both.push(`[${members}]`);
        members = "";
        continue;
      }
      members += classMember();
    }
    at++;
    depth--;
    both.push(`[${members}]`);
    return `[${negative ? "^" : ""}${both.join("&&")}]`;
  }

  function classMember(): string {
    const posix = eatMatch(/^\[:(\^?)(\w+):\]/);
    if (posix) return member(posix[2], posix[1] === "^");
    if (eat("[")) return characterClass();
    const from = memberCharacter();
    if (letters[at] !== "-" || letters[at + 1] === "]" || letters[at + 1] === undefined) return from;
    at++;
    const to = memberCharacter();
    if (!isLiteral(from) || !isLiteral(to)) return `${from}\\-${to}`;
    if (Number.parseInt(from.slice(3), 16) > Number.parseInt(to.slice(3), 16))
      throw new RegexError("has a range whose end comes before its beginning");
    return `${from}-${to}`;
  }

  function memberCharacter(): string {
    const letter = letters[at++];
    return letter === "\\" ? escaped() : literal(letter);
  }

  const whole = choice();
  if (at < letters.length) throw new RegexError("has a ) that ends no group");
  return whole;
}

const literal = (letter: string) => `\\u{${letter.codePointAt(0)!.toString(16)}}`;
const isLiteral = (member: string) => /^\\u\{[\da-f]+\}$/.test(member);

/** The word characters, `\\w`. Oniguruma includes six numbers of Latin-1. */
const wordMembers = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}²³¹¼½¾`;
const classes: Record<string, string> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  s: String.raw`\p{White_Space}`,
  S: String.raw`\P{White_Space}`,
  w: wordMembers,
  W: `[^${wordMembers}]`,
  h: "0-9a-fA-F",
  H: "[^0-9a-fA-F]",
};
const controls: Record<string, number> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Properties that JavaScript has under another name. */
const properties: Record<string, string> = {
  alnum: String.raw`\p{Alphabetic}\p{Nd}`,
  alpha: String.raw`\p{Alphabetic}`,
  digit: String.raw`\p{Nd}`,
  lower: String.raw`\p{Lowercase}`,
  space: String.raw`\p{White_Space}`,
  upper: String.raw`\p{Uppercase}`,
  word: wordMembers,
  xdigit: "0-9a-fA-F",
};

/** A property as members of a class. Oniguruma names scripts without `Script=`. */
function property(name: string, negative: boolean): string {
  const known = [`\\p{${name}}`, `\\p{Script=${name}}`].find((source) => {
    try {
      return new RegExp(source, "v");
    } catch {
      return false;
    }
  });
  const lower = name.toLowerCase();
  const members = known ?? (Object.hasOwn(properties, lower) ? properties[lower] : undefined);
  if (members === undefined) throw new RegexError(`names a property of characters that is not known, ${name}`);
  return negative ? `[^${members}]` : members;
}
