// Adapters as the folders that Hugging Face's peft writes and loads: adapter_config.json (peft's LoraConfig) and
// adapter_model.safetensors. They hold only the name of their base, so reading one needs the model it is for.

import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { sizeOf } from "../../graph/tensor";
import { CheckpointError, quote } from "../checkpoint";
import { dequantize } from "../dequantize";
import { exists, readText } from "../file";
import { architectureOfClass, ggufName, huggingFaceName } from "../huggingface";
import { huggingFaceRow, interleavesRope } from "../huggingfaceRope";
import { isAny, type JsonReader, parseJson, shown } from "../json";
import { openSafetensors, type SafeTensor, type SafetensorsFile, storageOf } from "../safetensorsFile";
import { writeSafetensors } from "../writeSafetensors";
import { unwritable, writeWhole } from "../writeWhole";
import {
  type Adapter,
  type AdapterBase,
  type AdapterSummary,
  type AdapterTensor,
  adapterNotModel,
  expectSound,
} from "./adapter";
import { metadataOf, parseMetadata } from "./metadata";

const configFile = "adapter_config.json";
const weightsFile = "adapter_model.safetensors";

/** Under this key of the safetensors file's own metadata lies what a GGUF file would say of an adapter. */
const metadataKey = "gguf";

/** Reads peft's folder, onto `base` where it does not say itself what it was made for. Throws CheckpointError. */
export async function readPeftAdapter(folder: string, base: AdapterBase | undefined): Promise<Adapter> {
  const config = await readConfig(folder);
  const file = await openSafetensors(join(folder, weightsFile));
  try {
    const stated = statedIn(file);
    const of = stated?.base ?? base;
    if (of && !stated) expectArchitecture(config, of);
    if (!of)
      throw new CheckpointError(`${folder} does not say how its model is built; read it together with that model`);
    const tensors = new Map<string, AdapterTensor>();
    for (const stored of file.tensors)
      if (!isCopyOfBase(stored.name)) tensors.set(...(await readTensor(file, stored, of)));
    const adapter: Adapter = {
      kind: "lora",
      name: stated?.name ?? basename(folder),
      base: of,
      ...scaleOf(config),
      experts: 1,
      metadata: stated?.metadata ?? {},
      tensors,
    };
    expectSound(folder, adapter);
    return adapter;
  } finally {
    await file.file.close();
  }
}

function scaleOf(config: JsonReader): Pick<Adapter, "rank" | "alpha"> {
  const rank = config.count("r");
  // rsLoRA (arXiv:2312.03732) divides alpha by the root of the rank.
  return { rank, alpha: config.number("lora_alpha") * (config.flag("use_rslora") ? Math.sqrt(rank) : 1) };
}

/**
 * Describes peft's folder, whatever model it is for: the base's architecture and sizes are there as far as the folder
 * tells them. Throws CheckpointError.
 */
export async function describePeftAdapter(folder: string): Promise<AdapterSummary> {
  const config = await readConfig(folder);
  const { file, ...table } = await openSafetensors(join(folder, weightsFile));
  await file.close();
  const stated = statedIn({ file, ...table });
  const className = config.object("auto_mapping")?.text("base_model_class");
  const tensors = table.tensors.filter(({ name }) => !isCopyOfBase(name));
  return {
    kind: "lora",
    name: stated?.name ?? basename(folder),
    base: stated?.base ?? {
      architecture: (className && architectureOfClass(className)) ?? className ?? "",
      name: config.text("base_model_name_or_path") ?? "",
      sizes: {},
    },
    ...scaleOf(config),
    experts: 1,
    metadata: stated?.metadata ?? {},
    layers: tensors.filter(({ name }) => name.endsWith(".lora_A.weight")).length,
    parameters: tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
  };
}

/** Throws CheckpointError where the folder holds an adapter and no model. */
export async function expectModelFolder(folder: string): Promise<void> {
  if ((await exists(join(folder, "config.json"))) || !(await exists(join(folder, configFile)))) return;
  throw adapterNotModel(folder, await describePeftAdapter(folder));
}

/** Words in the names of models that tell of which architecture they are. */
const families = new Map([
  ["llama", /llama/i],
  ["qwen2", /qwen/i],
]);

/** Throws where the config says that its base is of another architecture than the model: by its class, or by its name. */
function expectArchitecture(config: JsonReader, { architecture }: AdapterBase): void {
  const refuse = (base: string) =>
    config.refuse(`the adapter is for ${quote(base)}, this model's architecture is ${architecture}`);
  const className = config.object("auto_mapping")?.text("base_model_class");
  if (className !== undefined && architectureOfClass(className) !== architecture) throw refuse(className);
  const name = config.text("base_model_name_or_path") ?? "";
  const named = [...families].filter(([, word]) => word.test(basename(name))).map(([family]) => family);
  if (named.length && !named.includes(architecture)) throw refuse(name);
}

/** Where embedding or head are changed, peft saves the base's own weights of that layer as well. */
const isCopyOfBase = (name: string) => /\.base_layer\.(weight|bias)$/.test(name);

// What changes the meaning of the pairs, or adds to them. Each is off where it is false, null or empty.
const unsupported = [
  "use_dora",
  "use_qalora",
  "use_bdlora",
  "lora_bias",
  "fan_in_fan_out",
  "modules_to_save",
  "rank_pattern",
  "alpha_pattern",
  "layer_replication",
  "target_parameters",
  "trainable_token_indices",
  "alora_invocation_tokens",
  "arrow_config",
  "kasa_config",
  "monteclora_config",
];

/** Those that leave the base's weights as they are. */
const initializations: unknown[] = [undefined, true, false, "gaussian", "eva", "orthogonal"];

async function readConfig(folder: string): Promise<JsonReader> {
  const path = join(folder, configFile);
  if (!(await exists(path)))
    throw new CheckpointError(`${folder} holds no ${configFile}; expected a folder that peft wrote, or a GGUF file`);
  const config = parseJson(path, await readText(path, 2 ** 22));
  const says = (key: string) => `${key} is ${shown(config.get(key))}`;
  if (config.get("peft_type") !== "LORA") throw config.refuse(`${says("peft_type")}; supported is "LORA"`);
  if ((config.get("bias") ?? "none") !== "none") throw config.refuse(`${says("bias")}; supported is "none"`);
  for (const key of unsupported)
    if (isOn(config.get(key))) throw config.refuse(`${says(key)}; supported is a LoRA without it`);
  if (!initializations.includes(config.get("init_lora_weights")))
    throw config.refuse(`${says("init_lora_weights")}, by which the base changes; supported is an unchanged base`);
  return config;
}

const isOn = (value: unknown) =>
  value !== undefined && value !== false && !(typeof value === "object" && !Object.keys(value!).length);

/** What `writePeftAdapter` wrote about its adapter; undefined where another program wrote the file. */
function statedIn({ file: { path }, metadata }: SafetensorsFile) {
  const text = metadata?.text(metadataKey);
  if (text === undefined) return undefined;
  return parseMetadata(path, new Map(parseJson(`${path}: ${metadataKey}`, text).entries(isAny, "")));
}

async function readTensor(
  { file }: SafetensorsFile,
  stored: SafeTensor,
  base: AdapterBase,
): Promise<[string, AdapterTensor]> {
  const where = `${file.path}: tensor ${quote(stored.name)}`;
  const [, module, side] = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(stored.name) ?? [];
  const weight = module && ggufName(`${module}.weight`);
  if (!weight)
    throw new CheckpointError(
      `${where} is no part of a LoRA on a supported model; expected names like ${peftName("model.layers.0.self_attn.q_proj.weight", "A")}`,
    );
  const { shape, start, end } = stored;
  const type = storageOf(where, stored);
  const values = new Float32Array(sizeOf(shape));
  dequantize(type, await file.read(start, end - start), values);
  const tensor = { shape, values };
  return [
    `${weight}.lora_${side.toLowerCase()}`,
    side === "B" ? reordered(where, weight, tensor, base, false) : tensor,
  ];
}

const peftName = (weight: string, side: string) =>
  `base_model.model.${weight.replace(/weight$/, `lora_${side}.weight`)}`;

/** A lora_b with its rows as peft has them (`outward`) instead of as GGUF has them, or the other way round. */
function reordered(
  where: string,
  weight: string,
  { shape, values }: AdapterTensor,
  { architecture, sizes }: AdapterBase,
  outward: boolean,
): AdapterTensor {
  if (!interleavesRope(architecture) || !/\.attn_[qk]\./.test(weight)) return { shape, values };
  const headRows = sizes["attention.key_length"] ?? sizes.embedding_length / sizes["attention.head_count"];
  const [rows, rank] = shape;
  if (!(headRows > 0) || headRows % 2 || rows % headRows)
    throw new CheckpointError(
      `${where} has ${rows} rows; expected heads of ${headRows || "a known, even number of"} rows`,
    );
  const moved = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headRows;
    const other = row - inHead + huggingFaceRow(inHead, headRows);
    const [from, to] = outward ? [row, other] : [other, row];
    moved.set(values.subarray(from * rank, (from + 1) * rank), to * rank);
  }
  return { shape, values: moved };
}

/**
 * Writes the folder that peft loads onto `baseModel`, a folder or a name on Hugging Face's hub. Throws CheckpointError.
 */
export async function writePeftAdapter(folder: string, adapter: Adapter, baseModel: string): Promise<void> {
  if (adapter.kind !== "lora")
    throw new CheckpointError(`The adapter ${quote(adapter.name)} is a LoRAMoE, which peft does not know; write GGUF`);
  expectSound(folder, adapter);
  const tensors = new Map<string, AdapterTensor>();
  const modules = new Set<string>();
  for (const [name, tensor] of adapter.tensors) {
    const [, weight, side] = /^(.+)\.lora_([ab])$/.exec(name)!;
    const theirs = huggingFaceName(weight);
    if (!theirs)
      throw new CheckpointError(
        `The adapter ${quote(adapter.name)} changes ${quote(weight)}, which peft has no name for`,
      );
    modules.add(theirs.replace(/\.weight$/, ""));
    const where = `The adapter ${quote(adapter.name)}: tensor ${quote(name)}`;
    const stored = side === "b" ? reordered(where, weight, tensor, adapter.base, true) : tensor;
    tensors.set(peftName(theirs, side.toUpperCase()), stored);
  }
  const config = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: baseModel,
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    lora_dropout: 0,
    target_modules: [...modules],
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
  };
  const stated = Object.fromEntries([...metadataOf(adapter)].map(([key, [value]]) => [key, value]));
  const metadata = { format: "pt", [metadataKey]: JSON.stringify(stated) };
  await mkdir(folder, { recursive: true }).catch((error) => Promise.reject(unwritable(folder, error)));
  await writeWhole({
    [join(folder, weightsFile)]: (file) => writeSafetensors(file, metadata, tensors),
    [join(folder, configFile)]: (file) => file.writeFile(`${JSON.stringify(config, null, 2)}\n`),
  });
}
