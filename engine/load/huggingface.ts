// Hugging Face's config.json and tensor names in GGUF's terms, as llama.cpp's convert_hf_to_gguf.py has them.

import { interleavesRope, ropeScaling, type Typed } from "./huggingfaceRope";
import { isNumber, type JsonReader, shown } from "./json";
import { unsupportedArchitecture } from "./unsupported";

/** What config.json says of a model. */
export interface FolderConfig {
  metadata: Map<string, Typed>;
  headDim: number;
  /** See interleavesRope. */
  interleaved: boolean;
  /** The head uses the embedding's weights, whatever the file holds for it. */
  tied: boolean;
  /** Llama 3's numbers, by which each pair's angle is divided. */
  ropeFactors?: Float32Array<ArrayBuffer>;
}

const architectures = new Map([
  ["LlamaForCausalLM", { name: "llama", context: 2048 }],
  ["Qwen2ForCausalLM", { name: "qwen2", context: 32768 }],
]);

/** The names of SiLU. */
const activations: unknown[] = ["silu", "swish"];

/** Reads the config.json of a folder, and generation_config.json where there is one. Throws CheckpointError. */
export function readConfig(path: string, config: JsonReader, generation: JsonReader | undefined): FolderConfig {
  const { refuse } = config;
  const [named] = config.list("architectures");
  const architecture = typeof named === "string" ? architectures.get(named) : undefined;
  if (!architecture) throw unsupportedArchitecture(path, named, [...architectures.keys()]);
  if (config.get("quantization_config") !== undefined)
    throw refuse("the weights are quantized; expected F32, F16 or BF16. Choose a GGUF file of this model");
  const activation = config.get("hidden_act") ?? "silu";
  if (!activations.includes(activation)) throw refuse(`hidden_act is ${shown(activation)}; supported is "silu"`);
  if (config.flag("use_sliding_window"))
    throw refuse("use_sliding_window is set; supported is attention over the whole context");
  const other = config.list("layer_types").find((type) => type !== "full_attention");
  if (other !== undefined)
    throw refuse(`layer_types holds ${shown(other)}; supported is attention over the whole context, "full_attention"`);

  const { name } = architecture;
  const width = config.count("hidden_size");
  const heads = config.count("num_attention_heads");
  const headDim = config.count("head_dim", width / heads);
  if (headDim % 2) throw refuse(`head_dim should be even, as RoPE rotates pairs, but is ${headDim}`);
  const context = config.count("max_position_embeddings", architecture.context);
  const rope = ropeScaling(config, context, headDim);
  const metadata = new Map<string, Typed>([
    ["general.architecture", [name, "string"]],
    [`${name}.block_count`, [config.count("num_hidden_layers"), "u32"]],
    [`${name}.context_length`, [context, "u32"]],
    [`${name}.embedding_length`, [width, "u32"]],
    [`${name}.feed_forward_length`, [config.count("intermediate_size"), "u32"]],
    [`${name}.attention.head_count`, [heads, "u32"]],
    [`${name}.attention.head_count_kv`, [config.count("num_key_value_heads", heads), "u32"]],
    [`${name}.attention.key_length`, [headDim, "u32"]],
    [`${name}.attention.value_length`, [headDim, "u32"]],
    [`${name}.attention.layer_norm_rms_epsilon`, [config.positive("rms_norm_eps", 1e-6), "f32"]],
    [`${name}.vocab_size`, [config.count("vocab_size"), "u32"]],
    [`${name}.rope.dimension_count`, [headDim, "u32"]],
    [`${name}.rope.freq_base`, [rope.base, "f32"]],
  ]);
  for (const [key, value] of Object.entries(rope.metadata)) metadata.set(`${name}.rope.scaling.${key}`, value);
  for (const [key, id] of specialTokens(config, generation)) metadata.set(key, id);
  return {
    metadata,
    headDim,
    interleaved: interleavesRope(name),
    tied: config.flag("tie_word_embeddings") ?? false,
    ropeFactors: rope.factors,
  };
}

/** GGUF's keys of the first three end-of-generation tokens: of a document, of a turn, of a message. */
function specialTokens(config: JsonReader, generation: JsonReader | undefined): [string, Typed][] {
  const stated = generation ? tokenIds(generation, "eos_token_id") : [];
  const [eos, eot, eom] = stated.length ? stated : tokenIds(config, "eos_token_id");
  const [[bos], [padding]] = [tokenIds(config, "bos_token_id"), tokenIds(config, "pad_token_id")];
  return Object.entries({ bos, eos, eot, eom, padding }).flatMap(([name, id]): [string, Typed][] =>
    id === undefined ? [] : [[`tokenizer.ggml.${name}_token_id`, [id, "u32"]]],
  );
}

/** The token ids of a field that holds one or a list. Some files hold −1 for none. */
const tokenIds = (config: JsonReader, key: string): number[] =>
  config.list(key).flatMap((id) => {
    if (!isNumber(id) || !Number.isInteger(id) || id >= 2 ** 31)
      throw config.refuse(`${config.name(key)} should be the id of a token, but is ${shown(id)}`);
    return id < 0 ? [] : [id];
  });

const ofModel = new Map([
  ["model.embed_tokens.weight", "token_embd.weight"],
  ["model.norm.weight", "output_norm.weight"],
  ["lm_head.weight", "output.weight"],
]);

const ofLayer = new Map([
  ["input_layernorm", "attn_norm"],
  ["self_attn.q_proj", "attn_q"],
  ["self_attn.k_proj", "attn_k"],
  ["self_attn.v_proj", "attn_v"],
  ["self_attn.o_proj", "attn_output"],
  ["post_attention_layernorm", "ffn_norm"],
  ["mlp.gate_proj", "ffn_gate"],
  ["mlp.up_proj", "ffn_up"],
  ["mlp.down_proj", "ffn_down"],
]);

/** GGUF's name of an architecture, given transformers' class name; undefined where it is not supported. */
export const architectureOfClass = (name: string): string | undefined => architectures.get(name)?.name;

/**
 * GGUF's name of a tensor; undefined where the architecture has no such tensor, null where the engine computes it itself.
 */
export function ggufName(name: string): string | null | undefined {
  if (/\.rotary_emb\.(inv_freq|cos_cached|sin_cached)$/.test(name)) return null;
  const [, layer, path = name, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (layer === undefined) return ofModel.get(path);
  const own = ofLayer.get(path);
  return own && `blk.${layer}.${own}.${kind}`;
}

/** Hugging Face's name of a layer's or the head's weight, given GGUF's; undefined where there is no such weight. */
export function huggingFaceName(name: string): string | undefined {
  const [, layer, own] = /^blk\.(\d+)\.(.+)\.weight$/.exec(name) ?? [];
  if (layer === undefined) return keyOf(ofModel, name);
  const path = keyOf(ofLayer, own);
  return path && `model.layers.${layer}.${path}.weight`;
}

const keyOf = (map: ReadonlyMap<string, string>, sought: string) => [...map].find(([, value]) => value === sought)?.[0];
