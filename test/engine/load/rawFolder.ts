// Writes Hugging Face folders with every kind of error.

import type { Folder } from "./folder";
import { u64 } from "./raw";

export interface Entry {
  dtype: string;
  shape: unknown;
  data_offsets: unknown;
}

/** Of one layer, width 8, two heads of 4 over one of keys and values, and no word but four. */
const config = {
  architectures: ["LlamaForCausalLM"],
  hidden_size: 8,
  intermediate_size: 6,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: 4,
};

export const shapes: Record<string, number[]> = {
  "model.embed_tokens.weight": [4, 8],
  "model.layers.0.input_layernorm.weight": [8],
  "model.layers.0.self_attn.q_proj.weight": [8, 8],
  "model.layers.0.self_attn.q_proj.bias": [8],
  "model.layers.0.self_attn.k_proj.weight": [4, 8],
  "model.layers.0.self_attn.v_proj.weight": [4, 8],
  "model.layers.0.self_attn.o_proj.weight": [8, 8],
  "model.layers.0.post_attention_layernorm.weight": [8],
  "model.layers.0.mlp.gate_proj.weight": [6, 8],
  "model.layers.0.mlp.up_proj.weight": [6, 8],
  "model.layers.0.mlp.down_proj.weight": [8, 6],
  "model.norm.weight": [8],
};

/** The table of a file of 16-bit tensors that lie one after the other, and their bytes: value i has the bits i. */
export function table(names = Object.keys(shapes)): { entries: Record<string, Entry>; data: Buffer } {
  const entries: Record<string, Entry> = {};
  let end = 0;
  for (const name of names) {
    const start = end;
    end += 2 * shapes[name].reduce((a, b) => a * b);
    entries[name] = { dtype: "F16", shape: shapes[name], data_offsets: [start, end] };
  }
  return { entries, data: Buffer.from(Uint16Array.from({ length: end / 2 }, (_, i) => i).buffer) };
}

export function safetensors(entries: unknown, data: Buffer): Buffer {
  const json = Buffer.from(typeof entries === "string" ? entries : JSON.stringify(entries));
  return Buffer.concat([u64(json.length), json, data]);
}

/** Writes a valid folder, but for `changes` to its config. */
export async function writeFolder(folder: Folder, changes: Record<string, unknown> = {}): Promise<void> {
  const { entries, data } = table();
  await folder.write("config.json", JSON.stringify({ ...config, ...changes }));
  await folder.write("model.safetensors", safetensors(entries, data));
}
