// Chooses the files of a workspace that a lesson learns from, and gives the reason for each that is left out. A file that is
// left out by its name or size is never read.

import { createHash } from "node:crypto";
import { languageOf } from "../../engine";
import { isNotText, isVendored } from "./fileKinds";
import { isGenerated, looksCompiled, looksGenerated, looksMinified } from "./generated";
import { type IgnoreRules, ignoreTest } from "./ignored";
import type { Reason } from "./reasons";
import { hasSecretName, holdsSecret } from "./secrets";

export interface Candidate {
  /** Relative to the workspace, with slashes. */
  path: string;
  /** In bytes. */
  size: number;
  read(): Promise<Uint8Array>;
}

export interface TakenFile {
  path: string;
  text: string;
  languageId?: string;
}

export interface LeftOutFile {
  path: string;
  reason: Reason;
}

/** Both are sorted by path. */
export interface Choice {
  taken: TakenFile[];
  leftOut: LeftOutFile[];
}

/** A longer file is left out. */
export const maxBytes = 256 * 1024;
const readAtOnce = 16;

export async function choose(candidates: readonly Candidate[], rules: IgnoreRules): Promise<Choice> {
  const ordered = [...candidates].sort((a, b) => (a.path < b.path ? -1 : 1));
  const ignored = ignoreTest(rules, new Set(ordered.map(({ path }) => path)));
  const seen = new Set<string>();
  const choice: Choice = { taken: [], leftOut: [] };
  for (let from = 0; from < ordered.length; from += readAtOnce) {
    const files = await Promise.all(ordered.slice(from, from + readAtOnce).map((file) => examine(file, ignored)));
    for (const file of files) {
      if ("reason" in file) choice.leftOut.push(file);
      else if (isNew(file.text, seen)) choice.taken.push(file);
      else choice.leftOut.push({ path: file.path, reason: "duplicate" });
    }
  }
  return choice;
}

async function examine(file: Candidate, ignored: ReturnType<typeof ignoreTest>): Promise<TakenFile | LeftOutFile> {
  const { path } = file;
  const reason = ignored(path) ?? reasonByName(path) ?? reasonBySize(file.size);
  if (reason) return { path, reason };
  const bytes = await file.read().catch(() => undefined);
  if (!bytes) return { path, reason: "unreadable" };
  const languageId = languageOf(path);
  const text = textOf(bytes);
  const inside = typeof text === "string" ? reasonByText(text, languageId) : text.reason;
  return inside ? { path, reason: inside } : { path, text: text as string, languageId };
}

/** The text of a file, or the reason why it is none that counts. */
export function textOf(bytes: Uint8Array): string | { reason: Reason } {
  const reason = reasonBySize(bytes.length);
  return reason ? { reason } : (utf8(bytes) ?? { reason: "binary" });
}

/** `path` is a file's, or a folder's that ends with a slash. */
export function reasonByName(path: string): Reason | undefined {
  if (hasSecretName(path)) return "secret";
  if (isVendored(path)) return "vendored";
  if (isGenerated(path)) return "generated";
  if (isNotText(path)) return "notText";
}

export function reasonBySize(size: number): Reason | undefined {
  if (size === 0) return "empty";
  if (size > maxBytes) return "huge";
}

export function reasonByText(text: string, languageId: string | undefined): Reason | undefined {
  if (!text.trim()) return "empty";
  if (looksGenerated(text) || looksCompiled(text)) return "generated";
  if (looksMinified(text, languageId)) return "minified";
  if (holdsSecret(text, languageId)) return "secret";
}

/** The text without its byte order mark; undefined if the bytes are not UTF-8 text. */
function utf8(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** White space is ignored, because a file that is only formatted differently teaches nothing new. */
function isNew(text: string, seen: Set<string>): boolean {
  const hash = createHash("sha256").update(text.replace(/\s+/g, "")).digest("base64");
  if (seen.has(hash)) return false;
  seen.add(hash);
  return true;
}
