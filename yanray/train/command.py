"""`yanray train`: what Yanray can train on this machine."""

from __future__ import annotations

import argparse

from yanray.train import nano
from yanray.train.lora import command as lora
from yanray.train.lora import merge


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray train` takes."""
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    line = "the embedded model: its tokenizer, its corpus, its weights"
    embedded = kinds.add_parser("nano", help=line, description=f"Train {line}.")
    nano.add_options(embedded)
    embedded.set_defaults(train=nano.run)
    line = "an adapter for a model: from your conversations, or from text"
    adapter = kinds.add_parser("lora", help=line, description=f"Train {line}.")
    lora.add_options(adapter)
    adapter.set_defaults(train=lora.run)
    line = "put an adapter into its base's weights, of 16 or 32 bits"
    merged = kinds.add_parser("merge", help=line, description=f"{line[0].upper()}{line[1:]}.")
    merge.add_options(merged)
    merged.set_defaults(train=merge.run)


def run(options: argparse.Namespace) -> int:
    """Train what OPTIONS name."""
    return int(options.train(options))
