// How a model is asked to fill in the middle of a file, in the form it was trained on (Bavarian et al., 2022).
// The tokens come from the file's own metadata or names; their order from the family they belong to.

import { fillInMiddleTokens } from "./specialTokens";
import type { Tokenizer } from "./tokenizer";
import { type TokenizerSource, tokenId } from "./vocabulary";

/** The parts of a prompt as token ids, each encoded by itself; the suffix with `continues`. */
export interface InfillContext {
  prefix: readonly number[];
  suffix: readonly number[];
  path?: readonly number[];
  /** Other files of the repository, the most important last. */
  files?: readonly { path: readonly number[]; text: readonly number[] }[];
  repository?: readonly number[];
}

/** Prefix, suffix, middle; or suffix, prefix, middle, so that what is typed goes on at the end of the prompt. */
export type Order = "PSM" | "SPM";

/** A model's prompt format for filling in the middle. */
export interface FillInMiddle {
  /** Whether the form has a place for other files, and with them for paths and the repository's name. */
  takesFiles: boolean;
  /**
   * Whether to use it inside lines only: a model that learned it late, from an adapter, continues a line's end as before.
   */
  withinLines: boolean;
  /** The orders that the model knows. Prompts use the first. */
  orders: readonly Order[];
  /** The whole prompt, the beginning-of-sequence token included. */
  layout(context: InfillContext, order?: Order): number[];
}

interface Tokens {
  prefix: number;
  suffix: number;
  /** Codestral has none: it goes on after the prefix. */
  middle?: number;
}

/** The model's format; undefined for a model that can only continue text. */
export function fillInMiddle(tokenizer: Tokenizer, source: TokenizerSource): FillInMiddle | undefined {
  const tokens = tokensByKey(tokenizer, source) ?? tokensByName(tokenizer, source);
  if (!tokens) return undefined;
  const { prefix, suffix, middle } = tokens;
  const start = tokenizer.addBos ? [tokenizer.bos!] : [];
  const family = Buffer.from(tokenizer.piece(prefix)).toString();
  const id = (name: string) => tokenizer.specialId(name);

  const suffixFirst = middle === undefined || family === "<[fim-prefix]>";
  const orders: Order[] = suffixFirst ? ["SPM"] : ["PSM", "SPM"];
  const fill = (context: InfillContext, order: Order): number[] =>
    suffixFirst
      ? [suffix, ...context.suffix, prefix, ...context.prefix, ...(middle === undefined ? [] : [middle])]
      : fillBetween({ prefix, suffix, middle }, context, order);

  const newline = tokenizer.encode("\n", { continues: true });
  const separator = id("<|file_sep|>") ?? id("<file_sep>");
  if (separator === undefined)
    return {
      takesFiles: false,
      withinLines: false,
      orders,
      layout: (context, order = orders[0]) => [...start, ...fill(context, order)],
    };

  const repositoryName = id("<|repo_name|>") ?? id("<repo_name>");
  const starCoder = family === "<fim_prefix>";
  const layout = (context: InfillContext, order = orders[0]): number[] => {
    const { files = [], repository, path } = context;
    if (files.length === 0) return [...start, ...fill(context, order)];
    const named = repository && repositoryName !== undefined ? [repositoryName, ...repository] : [];
    const title = path ? [...path, ...newline] : [];
    // StarCoder 2 knows a line's end only after a path, and the path of the file to fill only inside its prefix.
    return starCoder
      ? [
          ...[...start, ...named],
          ...files.flatMap((file) => [separator, ...file.path, ...newline, ...file.text]),
          ...[separator, ...fill({ ...context, prefix: [...title, ...context.prefix] }, order)],
        ]
      : [
          ...[...start, ...named, ...(named.length ? newline : [])],
          ...files.flatMap((file) => [separator, ...file.path, ...newline, ...file.text, ...newline]),
          ...[separator, ...title, ...fill(context, order)],
        ];
  };
  return { takesFiles: true, withinLines: false, orders, layout };
}

/**
 * Suffix first it is a context with nothing before it, whose middle begins with the prefix: the paper's second form of
 * SPM.
 */
export const fillBetween = (marks: Required<Tokens>, { prefix, suffix }: InfillContext, order: Order): number[] =>
  order === "PSM"
    ? [marks.prefix, ...prefix, marks.suffix, ...suffix, marks.middle]
    : [marks.prefix, marks.suffix, ...suffix, marks.middle, ...prefix];

function tokensByKey({ vocabSize }: Tokenizer, source: TokenizerSource): Tokens | undefined {
  const key = (name: string, older: string) => tokenId(source, name, vocabSize) ?? tokenId(source, older, vocabSize);
  const [prefix, suffix, middle] = [key("fim_pre", "prefix"), key("fim_suf", "suffix"), key("fim_mid", "middle")];
  return prefix === undefined || suffix === undefined || middle === undefined ? undefined : { prefix, suffix, middle };
}

function tokensByName(tokenizer: Tokenizer, { metadata }: TokenizerSource): Tokens | undefined {
  for (const family of fillInMiddleTokens) {
    const prefix = tokenizer.specialId(family.prefix);
    const suffix = tokenizer.specialId(family.suffix);
    const middle = family.middle === undefined ? undefined : tokenizer.specialId(family.middle);
    if (prefix === undefined || suffix === undefined) continue;
    if (middle !== undefined) return { prefix, suffix, middle };
    // All of Mistral's later vocabularies have [PREFIX] and [SUFFIX]; of those models only Codestral was trained with
    // them.
    if (family.middle === undefined && /codestral/i.test(String(metadata.get("general.name"))))
      return { prefix, suffix };
  }
  return undefined;
}
