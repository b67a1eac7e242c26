"""Small models and examples for the tests of LoRA."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from tiny_checkpoints import write_checkpoint

from yanray.train.lora.packing import Example, batch, schedule
from yanray.train.lora.recipe import Recipe

torch.set_num_threads(1)  # such small matrices: more threads wait for each other

RECIPE = Recipe(rank=4, alpha=8, rate=5e-3, tokens=96, accumulate=2, epochs=4, seed=3, save_every=4)


def load(folder: Path, kind: str, numbers: str = "fp32") -> Any:
    """A tiny random model of KIND, written to FOLDER and loaded in NUMBERS."""
    from yanray.cores.hf_model import HfModel

    if not (folder / "config.json").is_file():
        write_checkpoint(folder, kind)
    model = HfModel(folder, numbers).model  # type: ignore[arg-type]
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):  # GPT-2's own: no two loops draw alike
            module.p = 0.0
    return model


def examples(count: int = 24, vocabulary: int = 300, seed: int = 1, *, head: int = 0) -> list[Example]:
    """COUNT made-up examples of 8 to 40 tokens, the latter half of each taught; before each one of two heads
    of HEAD tokens."""
    rng = random.Random(seed)
    heads = [tuple(rng.randrange(10, vocabulary) for _ in range(head)) for _ in range(2)]
    made = []
    for _ in range(count):
        size = rng.randint(8, 40)
        ids = rng.choice(heads) + tuple(rng.randrange(10, vocabulary) for _ in range(size))
        made.append(Example(ids, tuple(at >= head + size // 2 for at in range(head + size)), head))
    return made


def rows_of(given: list[Example], recipe: Recipe) -> tuple[Any, int]:
    """The batches of each step, and how many steps there are."""
    steps = schedule(given, recipe.tokens, recipe.accumulate, recipe.epochs, recipe.seed)
    return lambda number: [batch(given, row) for row in steps[number]], len(steps)
