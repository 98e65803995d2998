// Llama's and Qwen2's shapes, from GGUF metadata.

import { type Checkpoint, CheckpointError, quote } from "../load/checkpoint";
import type { RopeScaling } from "../nn";
import type { LlamaConfig } from "./llama";
import { type MetadataReader, metadataOf } from "./metadata";

/** Of architectures that are Llama's but for them, such as Granite. */
const otherScales = ["attention.scale", "embedding_scale", "logit_scale", "residual_scale"];

/** `context` is what the model was trained for. Throws CheckpointError. */
export async function llamaConfig(checkpoint: Checkpoint): Promise<LlamaConfig> {
  const { path, tensors } = checkpoint;
  const read = metadataOf(checkpoint);
  const width = read.count("embedding_length");
  const heads = read.count("attention.head_count");
  const kvHeads = read.count("attention.head_count_kv", heads);
  const headDim = read.count("attention.key_length", width / heads);
  const rotated = read.count("rope.dimension_count", headDim);
  const vocab = tensors.get("token_embd.weight")?.shape[0];
  if (!vocab) throw new CheckpointError(`${path}: the tensor token_embd.weight is missing`);
  if (rotated > headDim || rotated % 2)
    throw new CheckpointError(
      `${path}: rope.dimension_count should be even and at most a head's width, ${headDim}, but is ${rotated}`,
    );
  if (read.number("expert_count", 0) > 0)
    throw new CheckpointError(`${path} is a mixture of experts, which is not supported; choose a dense model`);
  for (const key of otherScales)
    if (read.number(key, 0))
      throw new CheckpointError(
        `${path} scales values by ${key}, which this architecture does not; choose another model`,
      );
  if (heads % kvHeads)
    throw new CheckpointError(`${path}: ${heads} attention heads cannot share ${kvHeads} key/value heads evenly`);
  return {
    layers: read.count("block_count"),
    width,
    hidden: read.count("feed_forward_length"),
    heads,
    kvHeads,
    headDim,
    vocab,
    context: read.count("context_length"),
    normEps: read.positive("attention.layer_norm_rms_epsilon", 0.1),
    rope: {
      base: read.positive("rope.freq_base", 1e30, 10000),
      rotated,
      // GGUF holds Llama's q and k rows in an order that makes the pairs of a rotation neighbours; Qwen2's as they were trained.
      interleaved: checkpoint.metadata.get("general.architecture") === "llama",
      scaling: await ropeScaling(checkpoint, read, rotated),
    },
  };
}

async function ropeScaling(
  checkpoint: Checkpoint,
  read: MetadataReader,
  rotated: number,
): Promise<RopeScaling | undefined> {
  const stored = checkpoint.tensors.get("rope_freqs.weight");
  if (stored) {
    if (stored.type !== "f32" || stored.shape.join() !== String(rotated / 2))
      throw new CheckpointError(
        `${checkpoint.path}: rope_freqs.weight should be f32 (${rotated / 2}), but is ${stored.type} (${stored.shape.join(", ")})`,
      );
    const bytes = await checkpoint.read(stored.name, 0, stored.bytes);
    const factors = new Float32Array(bytes.slice().buffer);
    const wrong = factors.find((factor) => !(factor > 0 && Number.isFinite(factor)));
    if (wrong !== undefined)
      throw new CheckpointError(
        `${checkpoint.path}: rope_freqs.weight should hold positive numbers, but holds ${wrong}`,
      );
    return { kind: "factors", factors };
  }
  const kind = read.text("rope.scaling.type");
  if (kind === undefined || kind === "none") return undefined;
  const factor = read.positive("rope.scaling.factor", 1e6);
  if (kind === "linear") return { kind, factor };
  if (kind === "yarn")
    return {
      kind,
      factor,
      trainedContext: read.count("rope.scaling.original_context_length"),
      betaFast: read.positive("rope.scaling.yarn_beta_fast", 1e6, 32),
      betaSlow: read.positive("rope.scaling.yarn_beta_slow", 1e6, 1),
      mscale: read.positive("rope.scaling.attn_factor", 100, 1) * (1 + 0.1 * Math.log(factor)),
    };
  throw new CheckpointError(
    `${checkpoint.path}: the RoPE scaling ${quote(kind)} is not supported; supported are linear, yarn and Llama 3's`,
  );
}
