"""The peer of training: LoRA SFT of a model of the built-in one's shape by PyTorch and peft in float32.

usage: $GLASSBOX_PYTHON bench/training.py [--steps 3] [--attention sdpa|eager] [--checkpointing] [--threads 2]
       after: pip install torch transformers peft

Random weights and tokens: neither changes the work. Rank 8 on all seven linears, 4 sequences of 512 tokens a step,
AdamW.
Prints {tokensPerSecond, peakBytes, weightBytes, load}: the median of the steps after a first one that warms up, the
process's largest resident set (as Linux counts it), the bytes of the base's weights, and the machine's load over the
last minute.
"""

import argparse
import json
import os
import resource
import statistics
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

LINEARS = "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj".split()
SEQUENCES, TOKENS, RANK = 4, 512, 8


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    logging.set_verbosity_error()
    model = built_in_shape(options)
    weight_bytes = sum(values.nbytes for values in model.parameters())
    tuned = get_peft_model(model, LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=LINEARS)).train()
    optimizer = torch.optim.AdamW([values for values in tuned.parameters() if values.requires_grad], lr=1e-4)
    seconds = [step(tuned, optimizer) for _ in range(1 + options.steps)]
    print(json.dumps({
        "tokensPerSecond": SEQUENCES * TOKENS / statistics.median(seconds[1:]),
        "peakBytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "weightBytes": weight_bytes,
        "load": os.getloadavg()[0],
    }))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--attention", choices=["sdpa", "eager"], default="sdpa")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def built_in_shape(options):
    config = LlamaConfig(vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30,
                         num_attention_heads=9, num_key_value_heads=3, max_position_embeddings=8192,
                         tie_word_embeddings=True, use_cache=False, attn_implementation=options.attention)
    model = LlamaForCausalLM(config)
    if options.checkpointing:
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    return model


def step(model, optimizer):
    tokens = torch.randint(0, 49152, (SEQUENCES, TOKENS))
    start = time.perf_counter()
    optimizer.zero_grad()
    model(input_ids=tokens, labels=tokens).loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
