import assert from "node:assert/strict";
import { test } from "node:test";
import { type Behavior, cutAtMatches } from "../../../engine/text/cut";
import { compileRegex } from "../../../engine/text/regex";
import { integer } from "../random";
import { readFixture } from "./fixtures";

const { regexes, splits } = readFixture<{
  regexes: [regex: string, texts: [text: string, pieces: string[]][]][];
  splits: [behavior: Behavior, invert: boolean, regex: string, text: string, pieces: string[]][];
}>("regex");

test("the matches are Oniguruma's, as in Hugging Face's tokenizers", () => {
  assert.ok(regexes.length > 1500);
  for (const [regex, texts] of regexes) {
    const cut = cutAtMatches(compileRegex(regex));
    for (const [text, pieces] of texts) assert.deepEqual(cut(text), pieces, `${regex} on ${JSON.stringify(text)}`);
  }
});

test("the pieces are those of Hugging Face's tokenizers", () => {
  for (const [behavior, invert, regex, text, pieces] of splits)
    assert.deepEqual(cutAtMatches(compileRegex(regex), behavior, invert)(text), pieces, `${behavior} ${regex} ${text}`);
});

// Each takes a backtracking matcher exponential time, or a high power of the text's length.
const evil: [regex: string, text: string, matches: number][] = [
  ["(a+)+$", `${"a".repeat(1e5)}b`, 0],
  ["(a|a)+$", `${"a".repeat(1e5)}b`, 0],
  ["(a|aa)+$", `${"a".repeat(1e5)}b`, 0],
  ["(.*)*x", "a".repeat(1e5), 0],
  ["((((a*)*)*)*)*b", "a".repeat(1e5), 0],
  ["(.*?,){11}P", "1,".repeat(5e4), 0],
  ["a*a*a*a*a*a*a*a*b", "a".repeat(1e5), 0],
  ["(a?){100}a{100}", "a".repeat(1e5), 500],
  [String.raw`\s+$`, `${" ".repeat(1e5)}x`, 0],
  [String.raw`\s*[\r\n]|\s`, " ".repeat(1e5), 1e5],
  ["(?=(a+)+$)a", `${"a".repeat(1e5)}b`, 0],
  ["(?!(a+)+$)a", `${"a".repeat(1e5)}b`, 1e5],
  [String.raw`(?i:(A+)+)$|(\p{L}+\s?)+!`, "a b ".repeat(25_000), 0],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(1e5), 0],
  [String.raw`(\w+\W+)*\z!`, "ab ".repeat(33_000), 0],
  ["x*y*z*|.", "xyz".repeat(33_000), 33_000],
];

for (const [regex, text, matches] of evil)
  test(`${regex} has ${matches} matches in ${text.length} characters`, () => {
    assert.equal(compileRegex(regex)(text).length / 2, matches);
  });

const refused: [regex: string, why: RegExp][] = [
  ["(a)\\1", /has \\1, which is not supported/],
  ["(?<n>a)\\k<n>", /has \\k, which is not supported/],
  ["a++", /has a possessive quantifier/],
  ["(?>a)", /has a group of a kind that is not supported, \(\?>a/],
  ["(?x: a)", /has a group of a kind that is not supported/],
  ["(?<=ab)c", /looks behind at more than one character/],
  ["(a", /has a group without an end/],
  ["a)", /has a \) that ends no group/],
  ["[a", /has a class without an end/],
  ["[z-a]", /has a range whose end comes before its beginning/],
  ["*a", /has a \* that repeats nothing/],
  ["a{3,2}", /repeats at least 3 and at most 2 times/],
  ["a\\", /ends in a backslash/],
  ["\\p{Klingon}", /names a property of characters that is not known, Klingon/],
  ["(?i:\\p{Lu})", /asks for the case of letters, Lu, where case is ignored/],
  ["\\x{110000}", /has a \\x without a character/],
  ["a{600}", /is too large once its repetitions are written out/],
  ["((((a{9}){9}){9}){9}){9}", /is too large once its repetitions are written out/],
  ["(".repeat(1e4), /nests groups too deeply/],
  ["[".repeat(1e4), /nests classes too deeply/],
  ["a".repeat(1e5), /has 100000 characters; expected at most 65536/],
];

for (const [regex, why] of refused)
  test(`refused: ${regex.slice(0, 30)}`, () => {
    assert.throws(() => compileRegex(regex), { name: "RegexError", message: why });
  });

test("a text that would take too much memory is refused, and the next one is matched", () => {
  const find = compileRegex("(a|b){40}a(a|b)*c");
  const random = Array.from({ length: 1e5 }, () => "ab"[integer(0, 1)]).join("");
  assert.throws(() => find(`${random}c`), { name: "RegexError", message: /takes too much memory on this text/ });
  assert.deepEqual(find(`${"a".repeat(300)}c`), [0, 301]);
});
