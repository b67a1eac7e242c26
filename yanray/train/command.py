"""`yanray train`: what Yanray can train on this machine."""

from __future__ import annotations

import argparse

from yanray.train import nano


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray train` takes."""
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    line = "the embedded model: its tokenizer, its corpus, its weights"
    nano.add_options(kinds.add_parser("nano", help=line, description=f"Train {line}."))


def run(options: argparse.Namespace) -> int:
    """Train what OPTIONS name."""
    return nano.run(options)
