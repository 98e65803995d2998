"""Trains a LoRA adapter of a LLaMA model in a GGUF file on the examples of tools/infill/examples.mjs.

usage: python tools/infill/train.py MODEL.gguf EXAMPLES OUT [--steps N] [--decay N]

EXAMPLES are folders, separated by commas. OUT becomes an adapter in peft's format; its progress is saved beside it, and the
same command goes on from there. The rate is constant; over the last --decay steps it falls to zero, so that training may be
ended anywhere: give as --steps where it stands, plus --decay.

The base is as the engine reads it, its quantized weights decoded, in bfloat16; so what the adapter learns fits them exactly.
"""

import argparse
import json
import os
import time

import gguf
import numpy
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

LONGEST = 1536
RANK, ALPHA, RATE, WARM_UP = 16, 32, 1e-3, 30
STEP_TOKENS, BATCH_TOKENS = 4096, 2048
SAVE_EVERY = 10


causal = torch.full((LONGEST, LONGEST), float("-inf"), dtype=torch.bfloat16).triu(1)


class LoraLinear(nn.Module):
    """x W + (x A) B · ALPHA / RANK, with W frozen."""

    def __init__(self, weight):
        super().__init__()
        self.register_buffer("weight", weight.to(torch.bfloat16))
        self.a = nn.Parameter(torch.empty(RANK, weight.shape[1]).uniform_(-1, 1) / weight.shape[1] ** 0.5)
        self.b = nn.Parameter(torch.zeros(weight.shape[0], RANK))

    def forward(self, x):
        low = functional.linear(x, self.a.to(x.dtype))
        return functional.linear(x, self.weight) + functional.linear(low, (self.b * (ALPHA / RANK)).to(x.dtype))


class Block(nn.Module):
    """Pre-norm LLaMA block; the residual stream is float32."""

    NAMES = {
        "q": ("attn_q", "self_attn.q_proj"),
        "k": ("attn_k", "self_attn.k_proj"),
        "v": ("attn_v", "self_attn.v_proj"),
        "o": ("attn_output", "self_attn.o_proj"),
        "gate": ("ffn_gate", "mlp.gate_proj"),
        "up": ("ffn_up", "mlp.up_proj"),
        "down": ("ffn_down", "mlp.down_proj"),
    }

    def __init__(self, tensors, i, heads, kv_heads, epsilon):
        super().__init__()
        self.heads, self.kv_heads, self.epsilon = heads, kv_heads, epsilon
        for name, (of, _) in self.NAMES.items():
            weight = tensors[f"blk.{i}.{of}.weight"]
            # llama.cpp interleaves the halves of each head of q and k; here they are side by side, as peft has them.
            if name in "qk":
                weight = side_by_side(weight, heads if name == "q" else kv_heads)
            setattr(self, name, LoraLinear(weight))
        self.register_buffer("attention_norm", tensors[f"blk.{i}.attn_norm.weight"])
        self.register_buffer("ffn_norm", tensors[f"blk.{i}.ffn_norm.weight"])

    def forward(self, x, cos, sin):
        batch, length, width = x.shape
        h = self.norm(x, self.attention_norm)
        split = lambda y, heads: y.view(batch, length, heads, -1).transpose(1, 2)
        q = rotate(split(self.q(h), self.heads), cos, sin)
        k = rotate(split(self.k(h), self.kv_heads), cos, sin)
        v = split(self.v(h), self.kv_heads)
        share = self.heads // self.kv_heads
        k, v = (y.repeat_interleave(share, 1) for y in (k, v))
        # Written out, because PyTorch's reverse pass of fused attention is three times slower on CPUs in bfloat16.
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2) + causal[:length, :length]
        y = scores.softmax(-1) @ v
        x = x + self.o(y.transpose(1, 2).reshape(batch, length, width)).float()
        h = self.norm(x, self.ffn_norm)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h)).float()

    def norm(self, x, weight):
        return (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * weight).to(torch.bfloat16)


def side_by_side(weight, heads):
    rows, columns = weight.shape
    return weight.view(heads, rows // heads // 2, 2, columns).transpose(1, 2).reshape(rows, columns).contiguous()


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Model(nn.Module):
    def __init__(self, path):
        super().__init__()
        reader = gguf.GGUFReader(path)
        field = lambda name: reader.get_field(f"llama.{name}").contents()
        tensors = {
            t.name: torch.from_numpy(gguf.quants.dequantize(t.data, t.tensor_type).astype(numpy.float32))
            for t in reader.tensors
        }
        heads, kv_heads = field("attention.head_count"), field("attention.head_count_kv")
        self.epsilon = field("attention.layer_norm_rms_epsilon")
        self.half, self.base = tensors["token_embd.weight"].shape[1] // heads // 2, field("rope.freq_base")
        self.register_buffer("embedding", tensors["token_embd.weight"].to(torch.bfloat16))
        self.register_buffer("output_norm", tensors["output_norm.weight"])
        self.blocks = nn.ModuleList(Block(tensors, i, heads, kv_heads, self.epsilon) for i in range(field("block_count")))

    def loss(self, ids, weights):
        """The sum of weighted cross-entropies (tokens after the first), and the sum over tokens of full weight alone."""
        angles = torch.arange(ids.shape[1])[:, None] * self.base ** (-torch.arange(self.half) / self.half)
        cos, sin = angles.cos().to(torch.bfloat16), angles.sin().to(torch.bfloat16)
        x = functional.embedding(ids, self.embedding).float()
        for block in self.blocks:
            x = block(x, cos, sin)
        rows = weights[:, 1:] > 0
        x = x[:, :-1][rows]
        x = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * self.output_norm
        logits = functional.linear(x.to(torch.bfloat16), self.embedding)
        losses = functional.cross_entropy(logits.float(), ids[:, 1:][rows], reduction="none")
        weights = weights[:, 1:][rows]
        written = losses[weights == 1].detach()
        return (losses * weights).sum(), written.sum().item(), written.numel()


class Examples:
    def __init__(self, folders):
        self.rows = []
        for folder in folders:
            tokens = numpy.fromfile(f"{folder}/tokens.bin", numpy.uint16).astype(numpy.int64)
            weights = numpy.fromfile(f"{folder}/weights.bin", numpy.uint8).astype(numpy.float32) / 100
            ends = numpy.cumsum(numpy.fromfile(f"{folder}/lengths.bin", numpy.uint32))
            self.rows += [(tokens[a:b], weights[a:b]) for a, b in zip([0, *ends[:-1]], ends)]

    def steps(self, first):
        """The batches of each step from `first` on, over and over; those of a batch are of about one length."""
        epoch, step = 0, 0
        while True:
            order = numpy.random.default_rng(epoch).permutation(len(self.rows))
            held, tokens = [], 0
            for i in order:
                held.append(self.rows[i])
                tokens += len(self.rows[i][0])
                if tokens >= STEP_TOKENS:
                    if step >= first:
                        yield list(batches(held))
                    step, held, tokens = step + 1, [], 0
            epoch += 1


def batches(rows):
    rows = sorted(rows, key=lambda row: len(row[0]))
    while rows:
        count = max(1, BATCH_TOKENS // len(rows[-1][0]))
        taken, rows = rows[-count:], rows[:-count]
        length = len(taken[-1][0])
        pad = lambda row: numpy.pad(row, (0, length - len(row)))
        yield [torch.from_numpy(numpy.stack([pad(row[i]) for row in taken])) for i in (0, 1)]


def save(model, path, base):
    """The adapter in peft's format."""
    os.makedirs(path, exist_ok=True)
    tensors = {}
    for i, block in enumerate(model.blocks):
        for name, (_, of) in Block.NAMES.items():
            for part, key in (("a", "lora_A"), ("b", "lora_B")):
                tensor = getattr(getattr(block, name), part).detach()
                tensors[f"base_model.model.model.layers.{i}.{of}.{key}.weight"] = tensor.contiguous()
    save_file(tensors, f"{path}/adapter_model.safetensors")
    targets = sorted(of.split(".")[1] for _, of in Block.NAMES.values())
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": RANK, "lora_alpha": ALPHA, "target_modules": targets}
    with open(f"{path}/adapter_config.json", "w") as file:
        json.dump({**config, "bias": "none", "base_model_name_or_path": base}, file, indent=2)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("model")
    options.add_argument("examples")
    options.add_argument("out")
    options.add_argument("--steps", type=int, default=1000)
    options.add_argument("--decay", type=int, default=200)
    options = options.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(2)
    model = Model(options.model)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    progress = f"{options.out}.progress.pt"
    step = 0
    if os.path.exists(progress):
        saved = torch.load(progress)
        model.load_state_dict(saved["model"], strict=False)
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]

    for parts in Examples(options.examples.split(",")).steps(step):
        if step >= options.steps:
            break
        started = time.time()
        left = min(1, (step + 1) / WARM_UP, (options.steps - step) / options.decay)
        for group in optimizer.param_groups:
            group["lr"] = RATE * left
        total = sum(weights[:, 1:].sum().item() for _, weights in parts)
        tokens, written, count = 0, 0, 0
        for ids, weights in parts:
            loss, of_written, written_tokens = model.loss(ids, weights)
            (loss / total).backward()
            tokens, written, count = tokens + ids.numel(), written + of_written, count + written_tokens
        norm = nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step += 1
        seconds = time.time() - started
        print(f"{step} loss {written / count:.4f} norm {norm:.2f} {tokens / seconds:.0f} tokens/s", flush=True)
        if step % SAVE_EVERY == 0 or step == options.steps:
            trained = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
            torch.save({"model": trained, "optimizer": optimizer.state_dict(), "step": step}, f"{progress}.new")
            os.replace(f"{progress}.new", progress)
    save(model, options.out, os.path.basename(options.model))


main()
