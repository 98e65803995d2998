// A new adapter to be trained: LoRA (arXiv:2106.09685) or LoRAMoE (arXiv:2312.09979), which starts as no change at all.

import type { Tensor } from "../graph/tensor";
import type { Attached } from "../nn";
import { type Parameter, parameter } from "./parameter";

export interface AdapterConfig {
  kind: "lora" | "loramoe";
  /** r of each expert. */
  rank: number;
  alpha: number;
  /** Of a mixture. */
  experts: number;
  /** Which linear layers: the ends of their names, as `attn_q`. */
  targets: readonly string[];
}

const attentionLayers = ["attn_q", "attn_k", "attn_v", "attn_output"];
const feedForwardLayers = ["ffn_gate", "ffn_up", "ffn_down"];

export const defaultTargets: Readonly<Record<AdapterConfig["kind"], readonly string[]>> = {
  lora: [...attentionLayers, ...feedForwardLayers],
  loramoe: feedForwardLayers,
};

export interface NewAdapter extends Attached {
  /** Made as the model is built with it; named as in an adapter's file, `blk.0.attn_q.weight.lora_a`. */
  parameters: Parameter[];
  /** The mixtures' shares (n, experts) in what was traced so far. */
  shares: Tensor[];
}

export function newAdapter({ kind, rank, alpha, experts, targets }: AdapterConfig): NewAdapter {
  const parameters: Parameter[] = [];
  const shares: Tensor[] = [];
  const all = kind === "lora" ? rank : rank * experts;
  function make(name: string, shape: readonly number[]): Tensor {
    const made = parameter(name, shape);
    parameters.push(made);
    return made.values;
  }
  return {
    factor: alpha / rank,
    parameters,
    shares,
    tensorsOf(weight, inputs, outputs) {
      if (!targets.some((target) => weight.endsWith(`${target}.weight`))) return undefined;
      return {
        a: make(`${weight}.lora_a`, [all, inputs]),
        b: make(`${weight}.lora_b`, [outputs, all]),
        router: kind === "loramoe" ? make(`${weight}.lora_router`, [experts, inputs]) : undefined,
      };
    },
    observe: (_, tensor) => shares.push(tensor),
  };
}

/** First values: A and the router uniform in ±1/√inputs, as PyTorch's linear layers; B zero, so that nothing changes yet. */
export function initialValues({ name, shape }: Parameter, uniform: () => number): Float32Array {
  const [outputs, inputs] = shape;
  const values = new Float32Array(outputs * inputs);
  return name.endsWith(".lora_b") ? values : values.map(() => (2 * uniform() - 1) / Math.sqrt(inputs));
}
