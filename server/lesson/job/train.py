"""Trains the adapter that this folder describes, by trl and peft: accelerate launch train.py [MODEL]

MODEL is a folder, or a name on Hugging Face's hub; without it, the one in config.json. What comes of it is the folder
adapter/, to be imported in Glassbox.
"""

import json
import sys
from pathlib import Path

import torch
from datasets import interleave_datasets, load_dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

here = Path(__file__).parent


def rows(name):
    """Token ids, and for each whether it is to be learned."""
    return load_dataset("json", data_files=str(here / "data" / f"{name}.jsonl"), split="train")


def main():
    config = json.loads((here / "config.json").read_text())
    model = sys.argv[1] if len(sys.argv) > 1 else config["base_model"]
    if not model:
        sys.exit("Which model? config.json names none: accelerate launch train.py MODEL")

    # Replay data, which is general text, stands for about a third of what is read, so that what the model knew is not forgotten.
    share = config["replay_weight"] / (1 + config["replay_weight"])
    train, replay = rows("train"), rows("replay")
    mixed = interleave_datasets(
        [train, replay], probabilities=[1 - share, share], seed=config["seed"], stopping_strategy="first_exhausted"
    )

    trainer = SFTTrainer(
        model=model,
        train_dataset=mixed,
        eval_dataset={"held_out": rows("held_out"), "replay": rows("replay_held_out")},
        peft_config=LoraConfig(
            task_type="CAUSAL_LM",
            r=config["rank"],
            lora_alpha=config["alpha"],
            lora_dropout=0.0,
            target_modules=config["target_modules"],
        ),
        args=SFTConfig(
            output_dir=str(here / "checkpoints"),
            max_length=config["length"] + 1,
            packing=False,
            bf16=torch.cuda.is_available(),
            completion_only_loss=True,
            num_train_epochs=config["epochs"],
            per_device_train_batch_size=8,
            learning_rate=config["rate"],
            lr_scheduler_type="cosine",
            warmup_steps=10,
            weight_decay=0.01,
            max_grad_norm=1.0,
            logging_steps=10,
            save_total_limit=2,
            seed=config["seed"],
            report_to="none",
        ),
    )
    print("before", trainer.evaluate())
    trainer.train()
    print("after", trainer.evaluate())
    trainer.save_model(str(here / "adapter"))


if __name__ == "__main__":
    main()
