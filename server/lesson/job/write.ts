// Exports a planned lesson as a folder that a larger machine can run: data, configuration, and a script for trl and peft.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sequenceLength, writeWhole } from "../../../engine";
import type { EngineProxy } from "../../engine/proxy";
import { baseModelName } from "../baseModel";
import type { StoredLesson } from "../stored";
import readme from "./README.md";
import recipe from "./train.py";

/** peft's names for the layers that an adapter changes. */
const modules: Record<string, string> = {
  attn_q: "q_proj",
  attn_k: "k_proj",
  attn_v: "v_proj",
  attn_output: "o_proj",
  ffn_gate: "gate_proj",
  ffn_up: "up_proj",
  ffn_down: "down_proj",
};

/** Returns the paths of what it wrote. */
export async function writeJob(engine: EngineProxy, lessonFolder: string, lesson: StoredLesson, folder: string) {
  const { plan, options } = lesson;
  const { rank, alpha, experts, targets } = options.adapter;
  const config = {
    base_model: (await baseModelName(lesson.model.path)) ?? null,
    // peft has no LoRAMoE; a LoRA with the same number of parameters takes its place.
    rank: rank * experts,
    alpha: alpha * experts,
    target_modules: targets.map((target) => modules[target]),
    length: sequenceLength(engine.info),
    epochs: plan.epochs,
    rate: options.rate,
    replay_weight: options.replayWeight,
    seed: options.seed,
  };
  await mkdir(join(folder, "data"), { recursive: true });
  const data = await engine.runTask(
    "writeData",
    { lesson: lessonFolder, folder: join(folder, "data") },
    new AbortController().signal,
  );
  const texts = { "README.md": readme, "train.py": recipe, "config.json": `${JSON.stringify(config, null, 2)}\n` };
  const files = Object.entries(texts).map(([name, text]) => [join(folder, name), text] as const);
  await writeWhole(Object.fromEntries(files.map(([path, text]) => [path, (file) => file.writeFile(text)])));
  return [...files.map(([path]) => path), ...data];
}
