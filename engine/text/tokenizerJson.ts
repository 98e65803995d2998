// The vocabulary in a Hugging Face tokenizer.json: byte-level BPE, and SentencePiece's BPE turned into merges.

import { CheckpointError, quote } from "../load/checkpoint";
import { bytePairPattern, unicodePattern } from "./preTokenizers";
import {
  beginning,
  endIds,
  Kind,
  kindsOf,
  pairsOfMerges,
  splitAtSpaces,
  type TokenizerSource,
  textIds,
  tokenId,
  type Vocabulary,
} from "./vocabulary";

/** A normalizer, pre-tokenizer or post-processor. */
interface Part {
  type: string;
  [attribute: string]: unknown;
}

interface TokenizerJson {
  model: {
    type?: string;
    vocab: Record<string, number>;
    merges: (string | [string, string])[];
    ignore_merges?: boolean;
    unk_token?: string | null;
  };
  added_tokens?: { id: number; content: string; special: boolean }[];
  normalizer?: Part | null;
  pre_tokenizer?: Part | null;
  post_processor?: Part | null;
}

export function readTokenizerJson(source: TokenizerSource, json: string): Vocabulary {
  try {
    return vocabularyOf(source, parse(source, json));
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    throw new CheckpointError(`${source.path}: tokenizer.json cannot be read: ${(error as Error).message}`);
  }
}

function vocabularyOf(source: TokenizerSource, file: TokenizerJson): Vocabulary {
  const parts = [...flatten(file.normalizer), ...flatten(file.pre_tokenizer)];
  const alphabet = parts.some(({ type }) => type === "ByteLevel") ? "bytes" : "characters";
  const { tokens, types } = readTokens(source, file, alphabet);
  const kinds = kindsOf(tokens, types);
  const ids = textIds(tokens, kinds);
  const split = parts.flatMap((part) => splitOf(source, part));
  const start = startOfTemplate(file.post_processor);
  const bos = start === undefined ? (tokenId(source, "bos", tokens.length) ?? -1) : tokens.indexOf(start);
  const merges = file.model.merges.map((merge) => (typeof merge === "string" ? merge : merge.join(" ")));
  return {
    ...{ tokens, kinds, ids, alphabet, warnings: [] },
    ends: endIds(source, tokens.length),
    ignoreMerges: file.model.ignore_merges ?? false,
    split: alphabet === "characters" && split.length === 0 ? splitAtSpaces(ids.keys()) : split,
    pairs: pairsOfMerges(source, merges, ids),
    normalize: normalizerOf(parts),
    spacePrefix: spacePrefixOf(parts),
    ...beginning(source, bos < 0 ? undefined : bos, start !== undefined),
  };
}

function parse({ path }: TokenizerSource, json: string): TokenizerJson {
  const file: Partial<TokenizerJson> | null = JSON.parse(json);
  const model = file?.model;
  if ((model?.type ?? "BPE") !== "BPE" || !model?.vocab || !Array.isArray(model.merges))
    throw new CheckpointError(
      `${path}: tokenizer.json is of the kind ${quote(String(model?.type))}; supported is "BPE"`,
    );
  return file as TokenizerJson;
}

const maxTokens = 4_000_000;

function readTokens({ path }: TokenizerSource, file: TokenizerJson, alphabet: Vocabulary["alphabet"]) {
  const tokens: string[] = [];
  const types: number[] = [];
  const put = (id: number, token: string, kind: number) => {
    if (!Number.isInteger(id) || id < 0 || id >= maxTokens)
      throw new CheckpointError(
        `${path}: tokenizer.json gives ${quote(token)} the id ${id}; expected one below ${maxTokens}`,
      );
    tokens[id] = token;
    types[id] = kind;
  };
  const unknown = file.model.unk_token;
  for (const [token, id] of Object.entries(file.model.vocab)) {
    const isByte = alphabet === "characters" && /^<0x[0-9A-F]{2}>$/.test(token);
    put(id, token, token === unknown ? Kind.unknown : isByte ? Kind.byte : Kind.normal);
  }
  for (const { id, content, special } of file.added_tokens ?? [])
    put(id, content, content === unknown ? Kind.unknown : special ? Kind.control : Kind.userDefined);
  // Ids that no token has would be holes in the list.
  return {
    tokens: Array.from(tokens, (token) => token ?? ""),
    types: Array.from(types, (type) => type ?? Kind.control),
  };
}

const flatten = (part: Part | null | undefined): Part[] => {
  if (part?.type !== "Sequence") return part ? [part] : [];
  return ((part.normalizers ?? part.pretokenizers ?? part.processors ?? []) as Part[]).flatMap(flatten);
};

/** The patterns that a part cuts text by. Throws for a part of unknown meaning. */
function splitOf({ path }: TokenizerSource, part: Part): RegExp[] {
  const refused = new CheckpointError(
    `${path}: tokenizer.json changes or cuts text in a way that is not supported: ${quote(JSON.stringify(part))}`,
  );
  switch (part.type) {
    case "Split": {
      const { Regex: regex } = part.pattern as { Regex?: string };
      const isolates = part.behavior === "Isolated" || (part.behavior === "Removed" && part.invert === true);
      if (!isolates || regex === undefined) throw refused;
      try {
        return [unicodePattern(bothCases(regex))];
      } catch {
        throw refused;
      }
    }
    case "Digits":
      return [part.individual_digits ? /\p{N}/gu : /\p{N}+/gu];
    case "ByteLevel":
      if (part.add_prefix_space) throw refused;
      return part.use_regex === false ? [] : [bytePairPattern];
    case "Metaspace":
      return part.split === false ? [] : [/▁[^▁]*/gu];
    case "Replace":
      if (part.content !== "▁" || (part.pattern as { String?: string }).String !== " ") throw refused;
      return [];
    case "Prepend":
    case "NFC":
    case "NFKC":
      return [];
    default:
      throw refused;
  }
}

/** `(?i:'s|[dm])` as `(?:'[sS]|[dDmM])`: JavaScript has no case-insensitive groups before Node 23. */
const bothCases = (regex: string): string =>
  regex.replace(/\(\?i:([^()]*)\)/g, (_, group: string) => {
    let inClass = false;
    const letters = group.replace(/\\.|[[\]a-z]/gi, (found) => {
      if (found === "[" || found === "]") inClass = found === "[";
      if (!/^[a-z]$/i.test(found)) return found;
      const both = found.toLowerCase() + found.toUpperCase();
      return inClass ? both : `[${both}]`;
    });
    return `(?:${letters})`;
  });

function normalizerOf(parts: readonly Part[]): Vocabulary["normalize"] {
  const forms = parts.map(({ type }) => type).filter((type) => type === "NFC" || type === "NFKC");
  return forms.length ? (text) => forms.reduce((normal, form) => normal.normalize(form), text) : undefined;
}

/** `Prepend` puts a space before every text, `Metaspace` before one that has none. */
function spacePrefixOf(parts: readonly Part[]): Vocabulary["spacePrefix"] {
  if (parts.some(({ type }) => type === "Prepend")) return (text) => ` ${text}`;
  const metaspace = parts.find(({ type }) => type === "Metaspace");
  const scheme = metaspace?.prepend_scheme ?? (metaspace?.add_prefix_space === false ? "never" : "always");
  if (!metaspace || scheme === "never") return undefined;
  return (text, first) => (/^[ ▁]/u.test(text) || (scheme === "first" && !first) ? text : ` ${text}`);
}

/** The special token that the post-processor puts before a text. */
function startOfTemplate(postProcessor: Part | null | undefined): string | undefined {
  const template = flatten(postProcessor).find(({ type }) => type === "TemplateProcessing");
  const [start] = (template?.single ?? []) as { SpecialToken?: { id: string } }[];
  return start?.SpecialToken?.id;
}
