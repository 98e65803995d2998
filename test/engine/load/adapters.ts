// Random adapters for the models among the fixtures.

import { sizeOf } from "../../../engine/graph/tensor";
import { openCheckpoint } from "../../../engine/load";
import { type Adapter, type AdapterTensor, baseOf } from "../../../engine/load/adapter";
import type { Checkpoint } from "../../../engine/load/checkpoint";
import { dequantize } from "../../../engine/load/dequantize";
import { normals } from "../random";
import { fixture } from "./folder";

const linears = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

export const openModel = (name: string): Promise<Checkpoint> => openCheckpoint(fixture(`models/fixtures/${name}`));

/** On every linear of both layers and the head. */
export function randomAdapter(base: Checkpoint, rank: number, experts = 1): Adapter {
  const weights = [0, 1].flatMap((layer) => linears.map((linear) => `blk.${layer}.${linear}.weight`));
  if (base.tensors.has("output.weight")) weights.push("output.weight");
  const tensors = new Map<string, AdapterTensor>();
  for (const weight of weights) {
    const [outputs, inputs] = base.tensors.get(weight)!.shape;
    const random = (rows: number, columns: number) => ({ shape: [rows, columns], values: normals(rows * columns) });
    tensors.set(`${weight}.lora_a`, random(experts * rank, inputs));
    tensors.set(`${weight}.lora_b`, random(outputs, experts * rank));
    if (experts > 1) tensors.set(`${weight}.lora_router`, random(experts, inputs));
  }
  return {
    kind: experts > 1 ? "loramoe" : "lora",
    name: "a lesson",
    base: baseOf(base),
    alpha: 16,
    rank,
    experts,
    metadata: {
      made: "2026-11-23T20:58:19.638Z",
      report: { heldOutLoss: { before: 2.5, after: 1.25 }, steps: 20 },
      fillInMiddle: { prefix: "<né>", suffix: "<à>", middle: "<東京>" },
    },
    tensors,
  };
}

export async function valuesOf(checkpoint: Checkpoint, name: string): Promise<Float32Array> {
  const { type, shape, bytes } = checkpoint.tensors.get(name)!;
  const values = new Float32Array(sizeOf(shape));
  dequantize(type, await checkpoint.read(name, 0, bytes), values);
  return values;
}
