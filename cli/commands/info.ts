import { describeModel } from "../../engine";
import { type Command, defaultModel, jsonOption } from "../command";
import { oneLine, print, printJson } from "../terminal";

export const info: Command = {
  summary: "Show a model's metadata and tensors, without loading it.",
  usage: "[MODEL] [--tensors] [--json]",
  maxPositionals: 1,
  options: { tensors: { type: "boolean", help: "list every tensor" }, ...jsonOption },
  async run({ values, positionals }) {
    const { path, metadata, refusal, ...described } = await describeModel(positionals[0] ?? defaultModel());
    const tensors = described.tensors.map(({ name, type, shape, bytes }) => ({ name, type, shape, bytes }));
    const known = tensors.every((tensor) => tensor.bytes !== undefined);
    const bytes = known ? tensors.reduce((sum, tensor) => sum + tensor.bytes!, 0) : undefined;
    const types = countBy(tensors.map(({ type }) => type));
    const all = {
      path,
      refusal: refusal?.message,
      bytes,
      types: Object.fromEntries(types),
      metadata: Object.fromEntries(metadata),
    };
    if (values.json) return printJson(values.tensors ? { ...all, tensors } : all);
    print(
      `${oneLine(path)}\n${tensors.length} tensors, ${bytes === undefined ? "of unknown size" : `${(bytes / 1e6).toFixed(1)} MB`}`,
    );
    for (const [type, count] of types) print(`  ${count} of ${type}`);
    for (const [key, value] of metadata) print(`${oneLine(key)} = ${shorten(value)}`);
    if (values.tensors)
      for (const { name, type, shape } of tensors) print(`${oneLine(name)}  ${type}  (${shape.join(", ")})`);
    if (refusal) print(`It cannot be loaded as a model. ${oneLine(refusal.message)}`);
  },
};

function countBy(names: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function shorten(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.slice(0, 4).map(shorten).join(", ")}${value.length > 4 ? `, … ${value.length} in all` : ""}]`;
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
