"""A training in a process that can be killed; prints each loss. `python lora_child.py BASE CHECKPOINT`."""

from __future__ import annotations

import sys
from pathlib import Path

from lora_samples import RECIPE, examples, load, rows_of

from yanray.train.lora.attach import attach
from yanray.train.lora.trainer import Trainer


def main(base: Path, checkpoint: Path) -> None:
    """Train, from the checkpoint where there is one."""
    rows, steps = rows_of(examples(), RECIPE)
    model = attach(load(base, "hf-llama"), RECIPE)
    trainer = Trainer(model, rows, steps, RECIPE, checkpoint=checkpoint, print_of={"--data": "child"})
    if checkpoint.is_file():
        trainer.resume()
    for step in trainer.run():
        print(step.step, repr(step.loss), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
