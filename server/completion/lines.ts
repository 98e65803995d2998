// The lines around a caret, and their indentation.

export const lastLine = (text: string): string => text.slice(text.lastIndexOf("\n") + 1);

export const firstLine = (text: string): string => text.slice(0, end(text, text.indexOf("\n")));

/** The first line below the caret's that is not blank. */
export const nextLine = (suffix: string): string => /\n[^\S\n]*(\S[^\n]*)/.exec(suffix)?.[1].trimEnd() ?? "";

/** The last line above the caret's that is not blank. */
export const previousLine = (prefix: string): string =>
  lastLine(prefix.slice(0, -lastLine(prefix).length || undefined).trimEnd());

export const lastLines = (text: string, count: number): string => text.split("\n").slice(-count).join("\n");

/** In columns; a tab counts as four. */
export const indentation = (line: string): number => /^\s*/.exec(line)![0].replaceAll("\t", "    ").length;

const end = (text: string, at: number) => (at < 0 ? text.length : at);
