// VS Code's globs, as its documentation tells them: `*`, `?`, `**`, `{a,b}`, `[a-z]`, `[!a-z]`; a leading dot is a
// character like any other. No package for globs reads them so.

/** Matches the whole of a path; nothing, where the glob is none. */
export function globPattern(glob: string): RegExp {
  try {
    return new RegExp(`^${source(glob)}$`, "s");
  } catch {
    return /(?!)/;
  }
}

function source(glob: string): string {
  let made = "";
  let depth = 0;
  for (let rest = glob; rest; ) {
    const [piece] = /^(?:(?:\*\*\/)+|\*\*|\[[!^]?[^\]/]+\]|.)/su.exec(rest)!;
    rest = rest.slice(piece.length);
    if (piece.startsWith("**/")) made += "(?:.*/)?";
    else if (piece === "**") made += ".*";
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
  `(?!/)${piece.replace(/^\[[!^]/, "[^").replace(/(?<=^\[\^?.*)[\\[]/g, "\\$&")}`;
