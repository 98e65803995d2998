import { basename, relative, resolve, sep } from "node:path";
import { shippedAdapters } from "../../server/models/models";
import { defaults } from "../../server/settings";
import { batchOption, openBatch } from "../batch";
import {
  type Command,
  countOf,
  jsonOption,
  modelOptions,
  oneOf,
  type ParsedArgs,
  required,
  UsageError,
  withEngine,
} from "../command";
import { expectThere, readText } from "../files";
import { indexFolder } from "../indexFolder";
import { createSuggester, type Suggester } from "../suggester";
import { log, print } from "../terminal";
import { reportFiles } from "../texts";

export const suggest: Command = {
  summary: "What the editor would show at a caret, by the server's own code.",
  usage: "[--workspace DIR] (--file F --line N --column C | --batch IN.jsonl --out OUT.jsonl)",
  options: {
    workspace: { type: "string", help: "the folder that is open in the editor (none)" },
    file: { type: "string", help: "the file with the caret" },
    line: { type: "string", help: "the caret's line, from 1 on" },
    column: { type: "string", help: "the caret's column in characters, from 1 on" },
    ...batchOption,
    out: { type: "string", help: "lines of {id, text, shown, confidence, replaces, pieces, ms}, or of {id, error}" },
    show: { type: "string", help: "what is shown: sure, balanced or all (balanced)" },
    ...jsonOption,
    ...modelOptions,
    adapter: { ...modelOptions.adapter, help: `${modelOptions.adapter.help} (that of the built-in model)` },
  },
  run: (args) => (args.values.batch === undefined ? single(args) : batch(args)),
};

async function single(args: ParsedArgs) {
  const { values } = args;
  if (values.out !== undefined) throw new UsageError("--out is for --batch only; a single suggestion goes to stdout");
  const file = required(values, "file");
  const [line, column] = ["line", "column"].map((name) => {
    required(values, name);
    return countOf(values, name, 1);
  });
  const text = await readText(file);
  const caret = offsetOf(text, line, column, file);
  const folder = await workspaceOf(args);
  const gap = { path: within(folder, resolve(file)), prefix: text.slice(0, caret), suffix: text.slice(caret) };
  const suggestion = await withSuggester(args, folder, (suggest) => suggest(gap));
  if (values.json) return print(JSON.stringify(suggestion));
  if (!suggestion.shown) return log(suggestion.text ? `not shown: ${suggestion.text}` : "nothing is suggested there");
  print(suggestion.text);
}

/** The offset of a place in a text. Throws UsageError if there is none. */
function offsetOf(text: string, line: number, column: number, file: string): number {
  const lines = text.split("\n");
  if (line > lines.length) throw new UsageError(`${file} has ${lines.length} lines; --line is ${line}`);
  const { length } = lines[line - 1].replace(/\r$/, "");
  if (column > length + 1)
    throw new UsageError(`line ${line} of ${file} has ${length} characters; --column is ${column}`);
  return lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, column - 1);
}

async function batch(args: ParsedArgs) {
  const folder = await workspaceOf(args);
  const batch = await openBatch(args);
  await withSuggester(args, folder, (suggest) =>
    batch.answer(({ path, ...around }) =>
      suggest({ path: folder && path ? within(folder, resolve(folder, path)) : path, ...around }),
    ),
  );
}

async function workspaceOf({ values }: ParsedArgs): Promise<string | undefined> {
  const folder = values.workspace as string | undefined;
  if (folder === undefined) return undefined;
  if (!(await expectThere(folder)).isDirectory()) throw new UsageError(`${folder} is no folder; --workspace takes one`);
  return resolve(folder);
}

/** The path as the server names it: relative to the workspace, or the name alone outside one. */
function within(folder: string | undefined, path: string): string {
  const below = folder && relative(folder, path);
  return below && below.split(sep)[0] !== ".." ? below.split(sep).join("/") : basename(path);
}

/** Indexes the workspace, and loads the model as the server does, with the adapter that the built-in one is shipped with. */
async function withSuggester<T>(
  args: ParsedArgs,
  folder: string | undefined,
  use: (suggest: Suggester) => Promise<T>,
): Promise<T> {
  const shipped = shippedAdapters((args.values.model as string) ?? "").map(({ path }) => path);
  const values = { adapter: shipped, ...args.values };
  const { completions } = defaults;
  const show = oneOf(args.values, "show", ["sure", "balanced", "all"], completions.show);
  const settings = { ...defaults, completions: { ...completions, show } };
  const indexed = folder === undefined ? undefined : await indexFolder(folder);
  if (indexed) reportFiles(indexed.texts);
  return withEngine({ ...args, values }, (engine) => use(createSuggester(engine, folder ?? "/", indexed, settings)));
}
