// How a model is asked to fill in the middle of a file, in the form it was trained on (Bavarian et al., 2022).
// The tokens come from the file's own metadata or names; their order from the family they belong to.

import { type ControlSegment, control, type Segment } from "./segment";
import { fillInMiddleTokens } from "./specialTokens";
import { startOf, type Tokenizer } from "./tokenizer";
import { type TokenizerSource, tokenId } from "./vocabulary";

/** The parts of a prompt in segments, each text encoded by itself; the suffix with `continues`. */
export interface InfillContext<S extends Segment = Segment> {
  prefix: readonly S[];
  suffix: readonly S[];
  path?: S;
  /** Other files of the repository, the most important last. */
  files?: readonly { path: S; text: S }[];
  /** Text that stands before all marks. */
  before?: readonly S[];
  repository?: S;
}

/** Prefix, suffix, middle; or suffix, prefix, middle, so that what is typed goes on at the end of the prompt. */
export type Order = "PSM" | "SPM";

/** A model's prompt format for filling in the middle. */
export interface FillInMiddle {
  /**
   * The part of the context that other files belong to: `files`, where the form marks them, their paths and the repository's
   * name; `before` or `prefix`, where they are text.
   */
  otherFiles: "files" | "before" | "prefix";
  /** Whether it is for gaps within a line alone, and lines are continued to their ends without it. */
  withinLines: boolean;
  /** The longest suffix that the model was trained on, in tokens. */
  longestSuffix?: number;
  /** The orders that the model knows. Prompts use the first. */
  orders: readonly Order[];
  /** The whole prompt, the beginning-of-sequence token included: the context's segments, and the form's between them. */
  layout<S extends Segment>(context: InfillContext<S>, order?: Order): (S | ControlSegment)[];
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
  const start = control(...startOf(tokenizer));
  const family = Buffer.from(tokenizer.piece(prefix)).toString();
  const id = (name: string) => tokenizer.specialId(name);

  const suffixFirst = middle === undefined || family === "<[fim-prefix]>";
  const orders: Order[] = suffixFirst ? ["SPM"] : ["PSM", "SPM"];
  const fill = <S extends Segment>(context: InfillContext<S>, order: Order): (S | ControlSegment)[] => {
    if (!suffixFirst) return fillBetween({ prefix, suffix, middle }, context, order);
    const end = middle === undefined ? [] : [control(middle)];
    return [control(suffix), ...context.suffix, control(prefix), ...context.prefix, ...end];
  };

  const newline = control(...tokenizer.encode("\n", { continues: true }));
  const separator = id("<|file_sep|>") ?? id("<file_sep>");
  if (separator === undefined)
    return {
      otherFiles: "prefix",
      withinLines: false,
      orders,
      layout: (context, order = orders[0]) => [start, ...fill(context, order)],
    };

  const repositoryName = id("<|repo_name|>") ?? id("<repo_name>");
  const starCoder = family === "<fim_prefix>";
  const layout = <S extends Segment>(context: InfillContext<S>, order = orders[0]): (S | ControlSegment)[] => {
    const { files = [], repository, path } = context;
    if (files.length === 0) return [start, ...fill(context, order)];
    const named = repository && repositoryName !== undefined ? [control(repositoryName), repository] : [];
    const title = path ? [path, newline] : [];
    const next = control(separator);
    // StarCoder 2 knows a line's end only after a path, and the path of the file to fill only inside its prefix.
    if (starCoder) {
      const others = files.flatMap((file) => [next, file.path, newline, file.text]);
      const titled = { prefix: [...title, ...context.prefix], suffix: context.suffix };
      return [start, ...named, ...others, next, ...fill<S | ControlSegment>(titled, order)];
    }
    const others = files.flatMap((file) => [next, file.path, newline, file.text, newline]);
    return [start, ...named, ...(named.length ? [newline] : []), ...others, next, ...title, ...fill(context, order)];
  };
  return { otherFiles: "files", withinLines: false, orders, layout };
}

/**
 * Suffix first it is a context with nothing before it, whose middle begins with the prefix: the paper's second form of
 * SPM.
 */
export const fillBetween = <S extends Segment>(
  marks: Required<Tokens>,
  { prefix, suffix }: InfillContext<S>,
  order: Order,
): (S | ControlSegment)[] =>
  order === "PSM"
    ? [control(marks.prefix), ...prefix, control(marks.suffix), ...suffix, control(marks.middle)]
    : [control(marks.prefix, marks.suffix), ...suffix, control(marks.middle), ...prefix];
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
