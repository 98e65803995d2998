// VS Code's globs, as documented there: `*`, `?`, `**`, `{a,b}`, `[a-z]`, `[!a-z]`; a leading dot is an ordinary character.
// The packages for globs on npm differ in some of these.

import { compileRegex } from "../../engine";

/**
 * Returns a test of whether the glob matches a whole path; an invalid glob matches none. The test takes time linear in the
 * path: globs may come from a repository's settings, and V8's matcher takes exponential time on some, such as a dozen `*a`
 * in a row.
 */
export function globTest(glob: string): (path: string) => boolean {
  try {
    const find = compileRegex(`\\A(?:${source(glob)})\\z`);
    return (path) => find(path).length > 0;
  } catch {
    return () => false;
  }
}

/** Any character, line ends included, which a path may hold. */
const any = "[\\s\\S]";

function source(glob: string): string {
  let made = "";
  let depth = 0;
  for (let rest = glob; rest; ) {
    const [piece] = /^(?:(?:\*\*\/)+|\*\*|\[[!^]?[^\]/]+\]|.)/su.exec(rest)!;
    rest = rest.slice(piece.length);
    if (piece.startsWith("**/")) made += `(?:${any}*/)?`;
    else if (piece === "**") made += `${any}*`;
    else if (piece === "*") made += "[^/]*";
    else if (piece === "?") made += "[^/]";
    else if (piece.startsWith("[") && piece.length > 1) made += characterClass(piece);
    else if (piece === "{" && rest.includes("}")) [made, depth] = [`${made}(?:`, depth + 1];
    else if (piece === "}" && depth) [made, depth] = [`${made})`, depth - 1];
    else made += piece === "," && depth ? "|" : piece.replace(/[\\^$.+()[\]{}|]/, "\\$&");
  }
  return made + ")".repeat(depth);
}

const characterClass = (piece: string): string =>
  `(?!/)${piece.replace(/^\[[!^]/, "[^").replace(/(?<=^\[\^?.*)[\\[&]/g, "\\$&")}`;
