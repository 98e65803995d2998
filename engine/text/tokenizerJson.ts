// The vocabulary in a Hugging Face tokenizer.json: byte-level BPE, and SentencePiece's BPE turned into merges. What it
// says about tokens and text is done as Hugging Face's tokenizers do it, or refused by name.

import { join } from "node:path";
import { isNumber, isText, type JsonReader, parseJson, shown } from "../load/json";
import { addedTokens } from "./addedTokens";
import { behaviorNames, type Cut, cutAtMatches, cutAtPattern, type FindAll, isBehavior } from "./cut";
import { cutAtBytePairWords } from "./preTokenizers";
import { compileRegex, RegexError } from "./regex";
import {
  type AddedToken,
  beginning,
  cutAtSpaces,
  endIds,
  Kind,
  kindsOf,
  pairsOfMerges,
  type TokenizerSource,
  textIds,
  tokenId,
  type Vocabulary,
} from "./vocabulary";

/** Throws CheckpointError, which names the field that is wrong or asks for what is not supported. */
export function readTokenizerJson(source: TokenizerSource, json: string): Vocabulary {
  const path = join(source.path, "tokenizer.json");
  const file = parseJson(path, json);
  const model = file.object("model");
  const type = model?.get("type") ?? "BPE";
  if (!model || type !== "BPE" || model.get("vocab") === undefined)
    throw file.refuse(
      `model.type is ${shown(model?.get("type"))}; supported is "BPE", with its tokens in model.vocab. Choose another model`,
    );
  refuseOddities(model);

  const normalizers = flatten(file.object("normalizer"), "normalizers");
  const preTokenizers = flatten(file.object("pre_tokenizer"), "pretokenizers");
  const alphabet = preTokenizers.some((part) => part.text("type") === "ByteLevel") ? "bytes" : "characters";
  const unknown = model.text("unk_token");
  const byteFallback = model.flag("byte_fallback") ?? false;
  const { tokens, kinds, added } = readTokens(file, model, unknown, alphabet === "characters" && byteFallback);
  const vocab = model.object("vocab")!;
  const ids = textIds(tokens, kinds);
  for (const { content } of added) if (vocab.get(content) === undefined) ids.delete(content);
  const normal = readNormalizer(normalizers, alphabet);
  const { cuts, metaspace } = readPreTokenizers(preTokenizers, alphabet);
  if (alphabet === "characters" && !metaspace && !normal.marksSpaces)
    throw file.refuse(
      "neither a Metaspace nor a Replace turns spaces into ▁, and there is no ByteLevel; supported are tokenizers with one of them",
    );
  const start = startOfTemplate(file);
  const bos = start === undefined ? (tokenId(source, "bos", tokens.length) ?? -1) : tokens.indexOf(start);
  const spacePrefix = metaspace && spacePrefixOf(metaspace);
  return {
    ...{ tokens, kinds, ids, alphabet, added, warnings: [] },
    ends: endIds(source, tokens.length),
    ignoreMerges: model.flag("ignore_merges") ?? false,
    byteFallback,
    fuseUnknown: model.flag("fuse_unk") ?? false,
    split: alphabet === "characters" && cuts.length === 0 ? cutAtSpaces(ids.keys()) : cuts,
    pairs: pairsOfMerges(path, readMerges(model), ids),
    normalize: normal.normalize,
    spacePrefix,
    beginsWithSpace: normal.prepends || spacePrefix !== undefined,
    ...beginning(source, bos < 0 ? undefined : bos, start !== undefined),
  };
}

function refuseOddities(model: JsonReader): void {
  for (const key of ["continuing_subword_prefix", "end_of_word_suffix"])
    if (model.text(key))
      throw model.refuse(`${model.name(key)} is ${shown(model.get(key))}; supported are tokenizers without it`);
  if (model.number("dropout", 0))
    throw model.refuse(
      `${model.name("dropout")} is ${model.get("dropout")}; supported are merges that are always made`,
    );
}

const maxTokens = 4_000_000;

function readTokens(file: JsonReader, model: JsonReader, unknown: string | undefined, bytes: boolean) {
  const tokens: string[] = [];
  const types: number[] = [];
  const put = (id: number, token: string, kind: number) => {
    if (!Number.isInteger(id) || id < 0 || id >= maxTokens)
      throw file.refuse(`the token ${shown(token)} has the id ${id}; expected a whole number below ${maxTokens}`);
    tokens[id] = token;
    types[id] = kind;
  };
  for (const [token, id] of model.object("vocab")!.entries(isNumber, "the id of a token")) {
    const isByte = bytes && /^<0x[0-9A-F]{2}>$/.test(token);
    put(id, token, token === unknown ? Kind.unknown : isByte ? Kind.byte : Kind.normal);
  }
  const listed = file.objects("added_tokens").map((token) => {
    const content = token.text("content");
    if (content === undefined) throw token.refuse(`${token.name("content")} is missing`);
    const special = token.flag("special") ?? false;
    const id = token.number("id");
    put(id, content, content === unknown ? Kind.unknown : special ? Kind.control : Kind.userDefined);
    return {
      id,
      content,
      takesBefore: token.flag("lstrip") ?? false,
      takesAfter: token.flag("rstrip") ?? false,
      singleWord: token.flag("single_word") ?? false,
      normalized: token.flag("normalized") ?? !special,
    };
  });
  // Ids that no token has would be holes in the list.
  const all = Array.from(tokens, (token) => token ?? "");
  const kinds = kindsOf(
    all,
    Array.from(types, (type) => type ?? Kind.control),
  );
  const listedIds = new Set(listed.map(({ id }) => id));
  const added: AddedToken[] = [
    ...addedTokens(all, kinds).filter(({ id }) => !listedIds.has(id)),
    ...listed.map((token) => ({ ...token, special: kinds[token.id] !== Kind.userDefined })),
  ];
  return { tokens: all, kinds, added };
}

function readMerges(model: JsonReader): (string | [string, string])[] {
  const merges = model.get("merges");
  if (!Array.isArray(merges))
    throw model.refuse(`${model.name("merges")} should be a list of merges, but is ${shown(merges)}`);
  const isPair = (merge: unknown): merge is [string, string] =>
    Array.isArray(merge) && merge.length === 2 && merge.every(isText);
  const wrong = merges.findIndex((merge) => !isText(merge) && !isPair(merge));
  if (wrong >= 0)
    throw model.refuse(`${model.name(`merges[${wrong}]`)} should be two tokens, but is ${shown(merges[wrong])}`);
  return merges;
}

/** A normalizer, pre-tokenizer or post-processor as the steps that it is made of, in order. */
function flatten(part: JsonReader | undefined, inside: string): JsonReader[] {
  const flat: JsonReader[] = [];
  const waiting = part ? [part] : [];
  while (waiting.length) {
    const next = waiting.pop()!;
    if (next.text("type") === "Sequence") waiting.push(...next.objects(inside).toReversed());
    else flat.push(next);
  }
  return flat;
}

const unsupported = (part: JsonReader, key: string, supported: string) =>
  part.refuse(`${part.name(key)} is ${shown(part.get(key))}; supported ${supported}. Choose another model`);

function readNormalizer(parts: readonly JsonReader[], alphabet: Vocabulary["alphabet"]) {
  let [marksSpaces, prepends] = [false, false];
  const steps = parts.map((part): ((text: string, continues: boolean) => string) => {
    const type = part.text("type");
    switch (type) {
      case "NFC":
      case "NFD":
      case "NFKC":
      case "NFKD":
        return (text) => text.normalize(type);
      case "Prepend":
        if (part.text("prepend") !== "▁" || alphabet === "bytes")
          throw unsupported(part, "prepend", 'is "▁", for SentencePiece');
        prepends = true;
        return (text, continues) => (continues || !text ? text : `▁${text}`);
      case "Replace": {
        const content = part.text("content") ?? "";
        const find = patternOf(part);
        marksSpaces ||= content === "▁" && part.object("pattern")?.text("String") === " ";
        return (text) => replaced(text, find(text), content);
      }
    }
    throw unsupported(part, "type", "are NFC, NFD, NFKC, NFKD, Prepend and Replace");
  });
  const normalize = (text: string, continues: boolean) => steps.reduce((normal, step) => step(normal, continues), text);
  return { normalize: steps.length ? normalize : undefined, marksSpaces, prepends };
}

function replaced(text: string, found: readonly number[], content: string): string {
  const pieces: string[] = [];
  let end = 0;
  for (let i = 0; i < found.length; i += 2) {
    pieces.push(text.slice(end, found[i]), content);
    end = found[i + 1];
  }
  return pieces.join("") + text.slice(end);
}

function readPreTokenizers(parts: readonly JsonReader[], alphabet: Vocabulary["alphabet"]) {
  let metaspace: JsonReader | undefined;
  const cuts = parts.flatMap((part, i): Cut[] => {
    switch (part.text("type")) {
      case "Split": {
        const behavior = part.text("behavior") ?? "Isolated";
        if (!isBehavior(behavior)) throw unsupported(part, "behavior", `are ${behaviorNames.join(", ")}`);
        return [cutAtMatches(patternOf(part), behavior, part.flag("invert"))];
      }
      case "Digits":
        return [cutAtPattern(part.flag("individual_digits") ? /\p{N}/gu : /\p{N}+/gu)];
      case "ByteLevel":
        if (part.flag("add_prefix_space")) throw unsupported(part, "add_prefix_space", "are texts as they are");
        if (i < parts.length - 1) throw unsupported(part, "type", "is ByteLevel as the last step");
        return part.flag("use_regex") === false ? [] : [cutAtBytePairWords];
      case "Metaspace":
        if ((part.text("replacement") ?? "▁") !== "▁") throw unsupported(part, "replacement", 'is "▁"');
        if (i > 0 || alphabet === "bytes")
          throw unsupported(part, "type", "is Metaspace as the first step, without ByteLevel");
        metaspace = part;
        return part.flag("split") === false ? [] : [cutAtPattern(/▁[^▁]*/gu)];
    }
    throw unsupported(part, "type", "are Split, Digits, ByteLevel and Metaspace");
  });
  return { cuts, metaspace };
}

/** What `pattern` matches: `{"String": …}` or `{"Regex": …}`, either in linear time. */
function patternOf(part: JsonReader): FindAll {
  const pattern = part.object("pattern");
  const [text, regex] = [pattern?.text("String"), pattern?.text("Regex")];
  if (text) return (where) => placesOf(text, where);
  if (!pattern || regex === undefined)
    throw part.refuse(
      `${part.name("pattern")} should be {"String": …} or {"Regex": …}, but is ${shown(part.get("pattern"))}`,
    );
  function explained<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      throw pattern!.refuse(
        `${pattern!.name("Regex")}, ${shown(regex)}, ${error.message}. Choose another model, or another tokenizer.json`,
      );
    }
  }
  const find = explained(() => compileRegex(regex));
  return (text) => explained(() => find(text));
}

function placesOf(sought: string, text: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length))
    found.push(at, at + sought.length);
  return found;
}

/** Metaspace puts a space before a text that has none: always, or only where nothing comes before it. */
function spacePrefixOf(metaspace: JsonReader): Vocabulary["spacePrefix"] {
  const scheme =
    metaspace.text("prepend_scheme") ?? (metaspace.flag("add_prefix_space") === false ? "never" : "always");
  if (scheme === "never") return undefined;
  if (scheme !== "always" && scheme !== "first")
    throw unsupported(metaspace, "prepend_scheme", "are always, first and never");
  return (text, first) => (/^[ ▁]/u.test(text) || (scheme === "first" && !first) ? text : ` ${text}`);
}

/** The special token that the post-processor puts before a text. */
function startOfTemplate(file: JsonReader): string | undefined {
  const starts = flatten(file.object("post_processor"), "processors").flatMap((part) => {
    const type = part.text("type");
    if (type === "ByteLevel") return [];
    if (type !== "TemplateProcessing") throw unsupported(part, "type", "are TemplateProcessing and ByteLevel");
    const template = part.objects("single");
    const text = template.findIndex((piece) => piece.get("SpecialToken") === undefined);
    const before = template.slice(0, text < 0 ? 0 : text).map((piece) => piece.object("SpecialToken")!.text("id"));
    if (before.length > 1) throw unsupported(part, "single", "is at most one token before a text");
    return before;
  });
  return starts[0];
}
