// The workspace index: chunks of the workspace's files, searched by the text before a caret or by declared names.
import type { Excludes } from "../ignored";
import type { Reason } from "../reasons";
import type { Range } from "./chunks";

/** A passage of a file. */
export interface Chunk {
  uri: string;
  /** Relative to the file's workspace folder, with slashes. */
  path: string;
  languageId: string;
  /** The lines that are searched, from 0, inclusive. */
  firstLine: number;
  lastLine: number;
  /** These lines and some of those after them: what follows similar code tells more than the code itself. */
  text: string;
}

export interface Ranked {
  chunk: Chunk;
  /** From 0 to 1 for the lexical ranking. */
  score: number;
}

export interface Query {
  /** The text before the caret; its last lines count. */
  before: string;
  /** The document that holds the caret. None of its own chunks is found. */
  uri: string;
  languageId: string;
}

export interface IndexStatus {
  /** Whether files are still being read; what is found until then comes from those read so far. */
  building: boolean;
  files: number;
  lines: number;
  /** The memory that the index takes, estimated from what it holds. */
  bytes: number;
  /** How many files are left out, by reason. */
  leftOut: Partial<Record<Reason, number>>;
}

export interface WorkspaceIndex {
  /** The chunks most like the end of `before`, the best first. No two of them overlap. */
  search(query: Query, limit: number): Promise<Ranked[]>;
  /** Where the names are declared, in their order; nothing from the document with the URI `except`. */
  declarations(names: readonly string[], except: string): Promise<Chunk[]>;
  /** Lines of a file, without those after them; undefined where the index does not have them, because it leaves the file out. */
  passage(uri: string, range: Range): Promise<Chunk | undefined>;
  /** The folders of the workspace from now on. */
  configure(state: WorkspaceState): void;
  /** The text of an open document counts instead of the file on the disk, from now on and until it is closed. */
  open(document: OpenDocument): void;
  closed(uri: string): void;
  /** Files or folders were created, changed or deleted on the disk. */
  changed(uris: readonly string[]): void;
  status(): Promise<IndexStatus>;
  /** Resolves when all that it was told is in the index. */
  settled(): Promise<IndexStatus>;
  close(): Promise<void>;
}

export interface WorkspaceState {
  folders: { uri: string /** The settings `files.exclude` and `search.exclude`. */; excludes: readonly Excludes[] }[];
  /** In a workspace that is not trusted only open documents are looked at, and .gitignore files. */
  trusted: boolean;
}

export interface OpenDocument {
  uri: string;
  languageId: string;
  text: string;
}
