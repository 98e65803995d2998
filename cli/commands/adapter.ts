import {
  baseOf,
  describeAdapter,
  mergeAdapter,
  openCheckpoint,
  readAdapter,
  writeGgufAdapter,
  writePeftAdapter,
} from "../../engine";
import { type Command, defaultModel, oneOf, type ParsedArgs, positiveOf, UsageError } from "../command";
import { expectWritable } from "../files";
import { oneLine, print, printJson } from "../terminal";

export const adapter: Command = {
  summary: "Show an adapter, convert it between GGUF and peft, or merge it into a model.",
  usage: "info ADAPTER | merge ADAPTER OUT.gguf | export ADAPTER OUT | import ADAPTER OUT.gguf",
  maxPositionals: 3,
  options: {
    model: { type: "string", help: "the base model (the built-in one); info does not need it" },
    scale: { type: "string", help: "for merge: the scale of the adapter (1)" },
    type: { type: "string", help: "for export to GGUF: f32 or f16 (f32)" },
  },
  async run(args) {
    const [action, path, out] = args.positionals;
    const run = Object.hasOwn(actions, action ?? "") ? actions[action] : undefined;
    if (!run && action !== "info")
      throw new UsageError(`adapter takes one of info, ${Object.keys(actions).join(", ")}, not “${action ?? ""}”`);
    if (!path) throw new UsageError("name an adapter: a GGUF file or a peft folder");
    if (!run) {
      if (out) throw new UsageError(`unexpected argument “${out}”`);
      return showInfo(path);
    }
    if (!out) throw new UsageError(`name the output of ${action}`);
    const model = (args.values.model as string) ?? defaultModel();
    const what = action === "export" && !out.endsWith(".gguf") ? "folder" : "file";
    await expectWritable(out, [path, model], what);
    const base = await openCheckpoint(model);
    try {
      await run({ args, base, out, adapter: await readAdapter(path, baseOf(base)) });
    } finally {
      await base.close();
    }
  },
};

async function showInfo(path: string) {
  const { kind, name, base, rank, experts, alpha, layers, parameters, metadata } = await describeAdapter(path);
  const mixture = kind === "loramoe" ? { experts } : {};
  printJson({ name, kind, base, rank, ...mixture, alpha, layers, parameters, metadata });
}

interface ActionParams {
  args: ParsedArgs;
  adapter: Awaited<ReturnType<typeof readAdapter>>;
  base: Awaited<ReturnType<typeof openCheckpoint>>;
  out: string;
}

/** The actions that need the base model and write a file. */
const actions: Record<string, (params: ActionParams) => Promise<void>> = {
  async merge({ args, adapter, base, out }) {
    const tensors = await mergeAdapter(base, adapter, positiveOf(args.values, "scale", 1), out);
    for (const { name, from, to, lost } of tensors)
      print(`${oneLine(name)}: ${from === to ? to : `${from} → ${to}`}, ${(100 * lost).toFixed(1)} % lost by rounding`);
  },
  /** OUT is a file for llama.cpp if it ends in .gguf, or else a folder for peft. */
  async export({ args, adapter, base, out }) {
    if (out.endsWith(".gguf"))
      await writeGgufAdapter(out, adapter, oneOf<"f32" | "f16">(args.values, "type", ["f32", "f16"], "f32"));
    else await writePeftAdapter(out, adapter, base.path);
  },
  import: ({ adapter, out }) => writeGgufAdapter(out, adapter),
};
