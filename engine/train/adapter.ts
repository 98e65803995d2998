// A new adapter to be trained: LoRA (arXiv:2106.09685) or LoRAMoE (arXiv:2312.09979). At first it changes nothing.

import type { Tensor } from "../graph/tensor";
import type { Attached } from "../nn";
import { type Parameter, parameter } from "./parameter";

export interface AdapterConfig {
  kind: "lora" | "loramoe";
  /** r; in a mixture that of each expert. */
  rank: number;
  alpha: number;
  /** Experts of each mixture; LoRA has none. */
  experts: number;
  /** Which linear layers the adapter changes: the ends of their names, as `attn_q`. */
  targets: readonly string[];
}

const attentionLayers = ["attn_q", "attn_k", "attn_v", "attn_output"];
const feedForwardLayers = ["ffn_gate", "ffn_up", "ffn_down"];

export const defaultTargets: Readonly<Record<AdapterConfig["kind"], readonly string[]>> = {
  lora: [...attentionLayers, ...feedForwardLayers],
  loramoe: feedForwardLayers,
};

export interface NewAdapter extends Attached {
  /** Complete once a model is built with the adapter. Named as in an adapter's file, `blk.0.attn_q.weight.lora_a`. */
  parameters: Parameter[];
  /** Of the mixtures among them, (experts, inputs). */
  routers: Tensor[];
}

export function newAdapter({ kind, rank, alpha, experts, targets }: AdapterConfig): NewAdapter {
  const parameters: Parameter[] = [];
  const routers: Tensor[] = [];
  const all = kind === "lora" ? rank : rank * experts;
  function make(name: string, shape: readonly number[]): Tensor {
    const made = parameter(name, shape);
    parameters.push(made);
    return made.values;
  }
  return {
    factor: alpha / rank,
    parameters,
    routers,
    tensorsOf(weight, inputs, outputs) {
      if (!targets.some((target) => weight.endsWith(`${target}.weight`))) return undefined;
      const a = make(`${weight}.lora_a`, [all, inputs]);
      const b = make(`${weight}.lora_b`, [outputs, all]);
      if (kind === "lora") return { a, b };
      const router = make(`${weight}.lora_router`, [experts, inputs]);
      routers.push(router);
      return { a, b, router };
    },
  };
}

/** A parameter's first values: A and the router are uniform in ±1/√inputs, as PyTorch's linear layers, and B is zero. */
export function initialValues({ name, shape }: Parameter, uniform: () => number): Float32Array {
  const [outputs, inputs] = shape;
  const values = new Float32Array(outputs * inputs);
  return name.endsWith(".lora_b") ? values : values.map(() => (2 * uniform() - 1) / Math.sqrt(inputs));
}
