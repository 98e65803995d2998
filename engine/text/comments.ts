// How a language writes a comment that ends with its line.

import { languageOf } from "./languages";

const marks: Record<string, string> = {
  bat: "REM",
  clojure: ";;",
  elixir: "#",
  erlang: "%",
  fsharp: "//",
  haskell: "--",
  ini: ";",
  julia: "#",
  latex: "%",
  lisp: ";;",
  lua: "--",
  sql: "--",
  tex: "%",
  vb: "'",
};

const hash = [
  "coffeescript",
  "dockerfile",
  "graphql",
  "makefile",
  "nix",
  "perl",
  "perl6",
  "powershell",
  "properties",
  "python",
  "r",
  "raku",
  "ruby",
  "shellscript",
  "terraform",
  "toml",
  "yaml",
];

const slashes = [
  "c",
  "cpp",
  "csharp",
  "cuda-cpp",
  "dart",
  "go",
  "groovy",
  "java",
  "javascript",
  "javascriptreact",
  "jsonc",
  "kotlin",
  "less",
  "objective-c",
  "objective-cpp",
  "php",
  "proto3",
  "rust",
  "scala",
  "scss",
  "solidity",
  "swift",
  "typescript",
  "typescriptreact",
  "wgsl",
  "zig",
];

/** A text as a line comment of a language; undefined where the language has none or is not known. */
export function lineComment(languageId: string, text: string): string | undefined {
  const mark = marks[languageId] ?? (hash.includes(languageId) ? "#" : slashes.includes(languageId) ? "//" : undefined);
  return mark && `${mark} ${text}`;
}

/** Languages that the built-in model takes for another one where only the path tells. */
const named: Record<string, string> = { csharp: "C#", rust: "Rust" };

/**
 * The line that precedes a file in prompts and training texts: its path as a comment, with the language where the path is not
 * enough; "" where the language has no line comment.
 */
export function pathHeader(path: string, languageId = languageOf(path) ?? ""): string {
  const name = named[languageId];
  const comment = lineComment(languageId, name ? `${path} (${name})` : path);
  return comment ? `${comment}\n` : "";
}
