"""`yanray train lora`: an adapter from files of conversations or text.

yanray train lora --base FOLDER --data talks.jsonl --out adapters/mine
torchrun --nproc-per-node 2 -m yanray train lora --base FOLDER --data talks.jsonl --out adapters/mine
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from yanray.errors import ModelError
from yanray.options import add_config
from yanray.train.lora.recipe import Recipe

if TYPE_CHECKING:
    from yanray.settings import Settings

LOADS = ("auto", "fp32", "bf16", "fp16", "int8", "nf4")
NEEDED = ("torch", "transformers", "peft")


def add_options(p: argparse.ArgumentParser) -> None:
    """The options of the command."""
    usual = Recipe()
    p.add_argument(
        "--base",
        metavar="MODEL",
        default="nano",
        help="a folder of safetensors, a pulled model's name, or nano",
    )
    p.add_argument(
        "--data", metavar="FILE", type=Path, nargs="+", required=True, help=".jsonl, .json or plain text"
    )
    p.add_argument(
        "--out", metavar="FOLDER", required=True, help="adapters/NAME, or NAME in your own adapters"
    )
    p.add_argument("--purpose", metavar="TEXT", default="", help="what it is for; kept in its note")
    p.add_argument("--load", choices=LOADS, default="auto", help="numbers of the base; nf4: QLoRA")
    p.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    p.add_argument("--plan", action="store_true", help="say what it would take, and stop")
    p.add_argument("--threads", metavar="N", type=int, default=0, help="of the CPU; 0: its cores")
    add_recipe(p, usual)
    add_config(p)


def add_recipe(p: argparse.ArgumentParser, usual: Recipe) -> None:
    """The options that make a `Recipe`; USUAL has their defaults."""
    p.add_argument("--rank", metavar="N", type=int, default=usual.rank, help="of the adapter's matrices")
    p.add_argument("--alpha", metavar="X", type=float, default=usual.alpha, help="strength: alpha / rank")
    p.add_argument("--dropout", metavar="P", type=float, default=usual.dropout)
    p.add_argument(
        "--targets",
        metavar="WHICH",
        default=usual.targets,
        help="all, attention, or names of layers with commas",
    )
    p.add_argument("--rate", metavar="X", type=float, default=usual.rate, help="highest learning rate")
    p.add_argument("--epochs", metavar="N", type=int, default=usual.epochs)
    p.add_argument(
        "--tokens",
        metavar="N",
        type=int,
        default=usual.tokens,
        help="of a row; a longer conversation is left out",
    )
    p.add_argument("--accumulate", metavar="N", type=int, default=usual.accumulate, help="rows of a step")
    p.add_argument(
        "--checkpointing",
        action=argparse.BooleanOptionalAction,
        default=usual.checkpointing,
        help="work activations out twice: less memory, slower",
    )
    p.add_argument("--optimizer", choices=("auto", "adamw", "adamw8bit"), default=usual.optimizer)
    p.add_argument("--seed", metavar="N", type=int, default=usual.seed)
    p.add_argument(
        "--save-every", metavar="N", type=int, default=usual.save_every, help="steps between checkpoints"
    )


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The recipe in OPTIONS. Raises UsageError."""
    names = {field.name for field in dataclasses.fields(Recipe)}
    return Recipe(**{name: value for name, value in vars(options).items() if name in names})


def check_packages() -> None:
    """Raise ModelError naming what training needs that is not installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelError(f"training needs {', '.join(missing)}: pip install 'yanray[train]'")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def base_path(name: str, settings: Settings) -> Path:
    """The path of the base NAME: `nano`, a path, or a pulled model. Raises ModelError."""
    from yanray.models.choice import choose_model

    return choose_model(settings, name)


def run(options: argparse.Namespace) -> int:
    """Plan, train, keep the adapter."""
    check_packages()
    from yanray.models.adapters import own_folder
    from yanray.options import read_settings
    from yanray.train.lora.session import Work, train

    settings = read_settings(options)
    out = Path(options.out)
    work = Work(
        base=base_path(options.base, settings),
        data=tuple(options.data),
        out=own_folder() / out if out.name == options.out else out,
        recipe=recipe_of(options),
        load=options.load,
        purpose=options.purpose,
        resume=options.resume,
        plan_only=options.plan,
        threads=options.threads,
    )
    train(work, say=_say)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
