// The reasons to leave a file of the workspace out of a lesson or the index, and a sentence for the user for each.

export type Reason =
  | "ignored"
  | "excluded"
  | "secret"
  | "notText"
  | "vendored"
  | "generated"
  | "empty"
  | "huge"
  | "unreadable"
  | "binary"
  | "minified"
  | "duplicate"
  | "beyondLimit";

export const sentences: Record<Reason, string> = {
  ignored: "A .gitignore file leaves it out.",
  excluded: "The setting files.exclude or search.exclude leaves it out.",
  secret: "It may hold a password, a key or a token.",
  notText: "It is neither code nor prose, but a picture, a font, an archive or data.",
  vendored: "It was copied from another project.",
  generated: "It was written by a program.",
  empty: "It is empty.",
  huge: "It is larger than 256 KB.",
  unreadable: "It could not be read.",
  binary: "It is not UTF-8 text.",
  minified: "Its lines are too long for a person to have written them.",
  duplicate: "It has the same text as another file.",
  beyondLimit: "There are more files than fit.",
};
