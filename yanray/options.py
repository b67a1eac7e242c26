"""Command-line options that several commands share, and the settings that they make."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from yanray.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from yanray.settings import Settings


def add_config(parser: argparse.ArgumentParser) -> None:
    """The option of every command that reads the settings, or speaks the language that they set.

    It may stand before the command too (see `yanray.cli`): left out behind it, it says nothing.
    """
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=_path,
        default=argparse.SUPPRESS,
        help="read this instead of your own config.yaml",
    )


def _path(text: str) -> Path:
    from pathlib import Path  # --help does without

    return Path(text)


def add_prompt(parser: argparse.ArgumentParser) -> None:
    """The options that say which model reads which system prompt; `--config` among them."""
    parser.add_argument("-m", "--model", metavar="MODEL", help="a path, a pulled model's name, or nano")
    parser.add_argument(
        "--adapter",
        metavar="NAME[:SCALE]",
        action="append",
        help="put this LoRA adapter on the model; may be given several times",
    )
    parser.add_argument(
        "-s", "--system", metavar="TEXT", help="replaces the first paragraph of the system prompt"
    )
    parser.add_argument("--no-tools", action="store_true", help="offer the model no tools")
    add_config(parser)


def add_session(parser: argparse.ArgumentParser) -> None:
    """The options of every command that talks to a model."""
    add_prompt(parser)
    parser.add_argument(
        "-o",
        "--option",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="sampling, e.g. temperature=0.7",
    )
    parser.add_argument("-y", "--yes", action="store_true", help="allow tools that write, send or spend")


def read_settings(options: argparse.Namespace) -> Settings:
    """The settings under what the command line says. Raises UsageError or ConfigError."""
    from yanray.settings import load  # pydantic and YAML: not needed for --help

    overrides: dict[str, Any] = {}
    if getattr(options, "model", None) is not None:
        overrides["model"] = options.model
    if getattr(options, "adapter", None) is not None:
        overrides["adapters"] = options.adapter
    if getattr(options, "system", None) is not None:
        overrides["system"] = options.system
    for option in getattr(options, "option", []):
        key, equals, value = option.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"-o {option}: write KEY=VALUE, e.g. -o temperature=0.7")
        overrides.setdefault("sampling", {})[key.strip()] = value.strip()
    return load(options.config, overrides)
