import { openCheckpoint } from "../../engine";
import { type Command, defaultModel, UsageError } from "../command";

export const info: Command = {
  summary: "Show a model's metadata and tensors, without loading it.",
  usage: "[MODEL]",
  options: { tensors: { type: "boolean", help: "list every tensor" } },
  async run({ values, positionals }) {
    if (positionals.length > 1) throw new UsageError(`one model at a time, not ${positionals.length}`);
    const checkpoint = await openCheckpoint(positionals[0] ?? defaultModel());
    const tensors = [...checkpoint.tensors.values()];
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
    console.log(`${checkpoint.path}\n${tensors.length} tensors, ${(bytes / 1e6).toFixed(1)} MB`);
    for (const [type, count] of countBy(tensors.map((tensor) => tensor.type))) console.log(`  ${count} of ${type}`);
    for (const [key, value] of checkpoint.metadata) console.log(`${key} = ${shorten(value)}`);
    if (values.tensors)
      for (const { name, type, shape } of tensors) console.log(`${name}  ${type}  (${shape.join(", ")})`);
    await checkpoint.close();
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
