"""peft's logits with an adapter, for tools/checkAdapter.mjs.

usage: python tools/checkAdapter.py ADAPTER SCALE TOKENS.json OUT.json

ADAPTER is a folder whose config names its base. A warning (a key too many, a key missing) is an error here.
"""

import json
import sys
import warnings

import torch
from peft import PeftConfig, PeftModel
from transformers import AutoModelForCausalLM

warnings.simplefilter("error", UserWarning)

adapter, scale, tokens, out = sys.argv[1:]
config = PeftConfig.from_pretrained(adapter)
base = AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path, dtype=torch.float32)
model = PeftModel.from_pretrained(base, adapter).eval()
for module in model.modules():
    if hasattr(module, "scale_layer"):
        module.scale_layer(float(scale))
with open(tokens) as file, torch.inference_mode():
    logits = model(torch.tensor([json.load(file)])).logits[0]
with open(out, "w") as file:
    json.dump(logits.tolist(), file)
