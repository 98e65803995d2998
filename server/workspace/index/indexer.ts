// Keeps the index in step with the workspace: its folders on the disk, and the open documents, whose text counts instead of
// the file's. All work is done one file at a time; between two files searches are answered.

import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path/posix";
import { fileURLToPath } from "node:url";
import { languageOf } from "../../../engine";
import { reasonByName, reasonBySize, reasonByText, textOf } from "../choose";
import { type Folder, openFolder } from "../folder";
import type { Excludes } from "../ignored";
import type { Reason } from "../reasons";
import { type Analyses, openAnalyses } from "./analyses";
import { createChunkIndex } from "./chunkIndex";
import { outlineOf } from "./outline";
import type { IndexStatus, OpenDocument, WorkspaceIndex, WorkspaceState } from "./types";
import { canonical, pathIn, uriIn } from "./uris";

/** The index holds no more files and characters of them. */
export interface Limits {
  files: number;
  characters: number;
}

/** Milliseconds of work after which questions are answered. */
const turn = 4;

const usual: Limits = { files: 20_000, characters: 32_000_000 };

export interface IndexerOptions {
  /** A folder for what is kept between sessions; without one, nothing is kept. */
  storage?: string;
  log(line: string): void;
  /** The folders of the workspace are about to be listed, or were. */
  onStatus(status: IndexStatus): void;
  limits?: Limits;
}

/** What is known of a file, or of a folder that is left out, whose URI ends with a slash. */
interface Known {
  /** Time and size of the file when it was read. */
  stamp?: string;
  /** Of its text. */
  key?: string;
  characters: number;
  reason?: Reason;
}

interface Root {
  uri: string;
  excludes: readonly Excludes[];
  folder: Folder;
}

interface Place {
  root: Root;
  path: string;
}

interface Scan {
  root: Root;
  /** A folder of it, by its path; "" is all of it. */
  below: string;
}

export function createIndexer({ storage, log, onStatus, limits = usual }: IndexerOptions): WorkspaceIndex {
  const chunks = createChunkIndex();
  let analyses: Promise<Analyses> | undefined;
  let state: WorkspaceState = { folders: [], trusted: false };
  let roots: Root[] = [];
  const documents = new Map<string, OpenDocument>();
  const known = new Map<string, Known>();
  let characters = 0;
  /** How many files of each root are beyond the limits. */
  const beyond = new Map<string, number>();
  /** What is to be done: URIs to look at, and folders to list. */
  const stale = new Set<string>();
  let scans: Scan[] = [];
  let scanning = false;
  let working: Promise<void> | undefined;
  let closed = false;
  let turned = performance.now();

  /** Answers what is asked, every few milliseconds. */
  async function nextTurn() {
    if (performance.now() - turned < turn) return;
    await new Promise(setImmediate);
    turned = performance.now();
  }

  /** What is told while it works is done by the same run. */
  function work() {
    working ??= run()
      .catch((error) => log(`The workspace index failed: ${(error as Error).stack}`))
      .finally(() => {
        working = undefined;
        if (!closed && (stale.size > 0 || scans.length > 0)) work();
      });
  }

  async function run() {
    let listed = false;
    while (!closed && (stale.size > 0 || scans.length > 0)) {
      await refreshStale();
      const scan = scans.shift();
      if (!scan) continue;
      listed = scanning = true;
      onStatus(status());
      await list(scan).finally(() => {
        scanning = false;
      });
    }
    if (!listed || closed) return;
    await (await opened()).keep(new Set([...known.values()].flatMap(({ key }) => key ?? [])));
    onStatus(status());
  }

  function opened(): Promise<Analyses> {
    analyses ??= openAnalyses(storage, log);
    return analyses;
  }

  async function refreshStale() {
    for (const uri of stale) {
      if (closed) return;
      stale.delete(uri);
      await refresh(uri);
      await nextTurn();
    }
  }

  async function list({ root, below }: Scan) {
    if (below === "") beyond.set(root.uri, 0);
    const listed = new Set<string>();
    for await (const { path, reason } of root.folder.list(below)) {
      if (closed || !roots.includes(root)) return;
      const uri = uriIn(root.uri, path);
      listed.add(uri);
      if (reason) leave(uri, { reason, characters: 0 });
      else if (!documents.has(uri)) await read(uri, path, { unlessStamped: true });
      await refreshStale();
      await nextTurn();
    }
    const start = below === "" ? `${root.uri}/` : `${uriIn(root.uri, below)}/`;
    for (const uri of known.keys()) if (uri.startsWith(start) && !listed.has(uri)) stale.add(uri);
  }

  /** The innermost folder of the workspace that a URI lies in. */
  function placeOf(uri: string): Place | undefined {
    const places = roots.flatMap((root) => {
      const path = pathIn(root.uri, uri);
      return path === undefined ? [] : { root, path };
    });
    return places.sort((a, b) => b.root.uri.length - a.root.uri.length)[0];
  }

  /** Looks at an open document, or at what the disk has at a URI. */
  async function refresh(at: string) {
    const uri = at.replace(/\/$/, "");
    if (uri !== at) drop(at); // a folder that was left out
    const document = documents.get(uri);
    const place = placeOf(uri);
    if (document) return take(document, place);
    if (!place || !state.trusted) return drop(uri);
    const { root, path } = place;
    const found = await stat(fileURLToPath(uri)).catch(() => undefined);
    if (!found) {
      drop(uri);
      for (const below of known.keys()) if (below.startsWith(`${uri}/`) && !documents.has(below)) drop(below);
    } else if (found.isDirectory()) {
      if (path === "" || !(await isLeftOut(place, `${path}/`))) scans.push({ root, below: path });
    } else if (found.isFile() && !(await isLeftOut(place, path))) await read(uri, path);
  }

  /** Notes the reason, where it is the file's or folder's own: what lies in a folder that is left out is not counted. */
  async function isLeftOut({ root }: Place, path: string): Promise<boolean> {
    const found = await root.folder.leftOut(path);
    const uri = uriIn(root.uri, path);
    if (found?.path === path) leave(uri, { reason: found.reason, characters: 0 });
    else if (found) drop(uri);
    return found !== undefined;
  }

  async function take({ uri, languageId, text }: OpenDocument, place: Place | undefined) {
    if (place && (await isLeftOut(place, place.path))) return;
    const path = place?.path ?? nameOf(uri);
    const reason = reasonByName(path) ?? reasonBySize(Buffer.byteLength(text)) ?? reasonByText(text, languageId);
    if (reason) return leave(uri, { reason, characters: 0 });
    const outline = await outlineOf(text, languageId);
    if (!documents.has(uri)) return; // it was closed, and is looked at again
    note(uri, { characters: text.length });
    chunks.set({ uri, path, languageId, text }, outline);
  }

  async function read(uri: string, path: string, { unlessStamped = false } = {}) {
    const last = known.get(uri);
    if (!last && isFull(0)) return leaveBeyond(uri);
    const file = fileURLToPath(uri);
    const found = await stat(file).catch(() => undefined);
    if (!found) return drop(uri); // it was deleted meanwhile
    const stamp = `${found.mtimeMs} ${found.size}`;
    if (unlessStamped && last?.stamp === stamp) return;
    const bySize = reasonBySize(found.size);
    if (bySize) return leave(uri, { reason: bySize, stamp, characters: 0 });
    if (!last && isFull(found.size)) return leaveBeyond(uri);
    const bytes = await readFile(file).catch(() => undefined);
    const read = bytes ? textOf(bytes) : { reason: "unreadable" as const };
    if (typeof read !== "string") return leave(uri, { ...read, stamp, characters: 0 });
    const text = read.replaceAll("\r\n", "\n");
    const languageId = languageOf(path) ?? "plaintext";
    const { key, analysis } = await (await opened()).of(text, languageId);
    if (documents.has(uri)) return; // it was opened, and is looked at again
    if ("reason" in analysis) return leave(uri, { reason: analysis.reason, stamp, key, characters: 0 });
    note(uri, { stamp, key, characters: text.length });
    chunks.set({ uri, path, languageId, text }, analysis.outline);
  }

  function leaveBeyond(uri: string) {
    const root = placeOf(uri)!.root.uri;
    beyond.set(root, (beyond.get(root) ?? 0) + 1);
  }

  const isFull = (size: number) => chunks.size.files >= limits.files || characters + size > limits.characters;

  function note(uri: string, next: Known) {
    characters += next.characters - (known.get(uri)?.characters ?? 0);
    known.set(uri, next);
  }

  function leave(uri: string, next: Known) {
    chunks.delete(uri);
    note(uri, next);
  }

  function drop(uri: string) {
    leave(uri, { characters: 0 });
    known.delete(uri);
  }

  function status(): IndexStatus {
    const leftOut: IndexStatus["leftOut"] = {};
    for (const { reason } of known.values()) if (reason) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
    const full = [...beyond.values()].reduce((sum, count) => sum + count, 0);
    if (full > 0) leftOut.beyondLimit = full;
    return { building: scanning || scans.length > 0, ...chunks.size, leftOut };
  }

  return {
    configure(next) {
      state = next;
      roots = next.folders.map(rootOf);
      for (const uri of beyond.keys()) if (!roots.some((root) => root.uri === uri)) beyond.delete(uri);
      for (const uri of documents.keys()) stale.add(uri);
      for (const uri of known.keys()) if (!state.trusted || !placeOf(uri)) stale.add(uri);
      scans = state.trusted ? roots.map((root) => ({ root, below: "" })) : [];
      work();
    },
    open({ uri, languageId, text }) {
      const document = { uri: canonical(uri), languageId, text: text.replaceAll("\r\n", "\n") };
      documents.set(document.uri, document);
      stale.add(document.uri);
      work();
    },
    closed(uri) {
      documents.delete(canonical(uri));
      stale.add(canonical(uri));
      work();
    },
    changed(uris) {
      for (const uri of uris.map((uri) => canonical(uri).replace(/\/$/, ""))) {
        stale.add(uri);
        // A .gitignore file changed, or a folder that may hold some.
        const folder = basename(uri) === ".gitignore" ? uri.slice(0, uri.lastIndexOf("/")) : uri;
        const place = placeOf(folder);
        place?.root.folder.forget(place.path);
        stale.add(folder);
        for (const document of documents.keys()) if (document.startsWith(`${folder}/`)) stale.add(document);
      }
      work();
    },
    search: async (query, limit) => chunks.search({ ...query, uri: canonical(query.uri) }, limit),
    declarations: async (names, except) => chunks.declarations(names, canonical(except)),
    passage: async (uri, range) => chunks.passage(canonical(uri), range),
    status: async () => status(),
    async settled() {
      while (working) await working;
      return status();
    },
    async close() {
      closed = true;
      await working;
    },
  };
}

function rootOf({ uri, excludes }: WorkspaceState["folders"][number]): Root {
  const root = canonical(uri).replace(/\/$/, "");
  return { uri: root, excludes, folder: openFolder(fileURLToPath(root), excludes) };
}

/** Of a document in no folder: `untitled:Untitled-1` is called Untitled-1. */
const nameOf = (uri: string) => basename(decodeURIComponent(uri.replace(/^[^:]*:/, "")));
