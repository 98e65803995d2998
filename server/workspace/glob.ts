// VS Code's globs, as its documentation tells them: `*`, `?`, `**`, `{a,b}`, `[a-z]`, `[!a-z]`; a leading dot is a
// character like any other. No package for globs reads them so.

import { compileRegex } from "../../engine";

/**
 * Whether a glob matches the whole of a path; none does, where the glob is none. In time linear in the path: a repository's
 * settings may hold globs, and V8's own matcher never ends on some, such as a dozen `*a` after one another.
 */
export function globTest(glob: string): (path: string) => boolean {
  try {
    const find = compileRegex(`\\A(?:${source(glob)})\\z`);
    return (path) => find(path).length > 0;
  } catch {
    return () => false;
  }
}

/** Line ends too, which a path may hold. */
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
