"""The command line: finds the command, reads its options, calls it, makes of an error one line and a code.

argparse, and no command is imported before it is asked for: `yanray --help` must cost less than three bare
Python starts, which the imports of click or typer alone use up.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from yanray import __version__
from yanray.errors import YanrayError
from yanray.options import add_config

# Command -> the module that is it, and its line in the help. A module offers `arguments(parser)`, which adds
# its options, and `run(options) -> int`, which returns the exit code.
COMMANDS = {
    "ask": ("yanray.terminal.ask", "answer one question; pipes welcome"),
    "chat": ("yanray.terminal.chat", "talk"),
    "warm": ("yanray.terminal.warm", "read the system prompt and the tools once, and keep that on disk"),
    "tools": ("yanray.terminal.tools", "list, show, run and make tools"),
    "logs": ("yanray.terminal.logs", "search, show, export and remove conversations"),
    "doctor": ("yanray.terminal.doctor", "this machine, the versions, the folders, and what is wrong"),
    "completion": ("yanray.terminal.shell", "print what bash, zsh or fish need to complete commands"),
    "remind": ("yanray.terminal.remind", "tell reminders when they are due"),
    "fit": ("yanray.terminal.fit", "which models this machine can hold, and how fast they would answer"),
    "bench": ("yanray.measure.bench", "measure how fast this machine runs a model"),
    "models": ("yanray.terminal.models", "the models on this disk, and those that can be pulled by name"),
    "pull": ("yanray.terminal.pull", "fetch a model: by name, from the Hub, ModelScope or any address"),
    "train": ("yanray.train.command", "train an adapter for a model, or the embedded model"),
    "learn": ("yanray.train.learn.command", "an adapter from what you marked in your conversations"),
    "adapters": ("yanray.terminal.adapters", "the adapters on this disk: list, use, remove"),
    "quantize": ("yanray.terminal.quantize", "make a smaller file of a model, and tell what that cost"),
    "eval": ("yanray.measure.evaluate", "measure a model on questions in a JSONL file"),
}

INTERRUPTED = 130  # as the shell reports SIGINT


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    _mend_streams()
    options = _parser(words).parse_args(words)
    try:
        if options.config is not None:
            from yanray.terminal.language import follow

            follow(options.config)
        code = options.module.run(options)
        sys.stdout.flush()
    except YanrayError as error:
        if options.debug:
            raise
        from yanray.terminal.language import told  # only when something has gone wrong

        sys.stderr.write(f"yanray: {told(str(error))}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`yanray ask ... | head`); Python must not complain of it at exit
        # either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return int(code)


def _mend_streams() -> None:
    """Streams that were closed lead nowhere; a character that the terminal does not know becomes `?`."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - to the end; pathlib is slow to load
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif getattr(stream, "errors", "") == "strict" and stream.encoding.lower() not in ("utf-8", "utf8"):
            stream.reconfigure(errors="replace")


class _Formatter(argparse.HelpFormatter):
    """argparse asks shutil for the width, whose import is a fifth of what --help takes."""

    def __init__(self, prog: str, width: int | None = None, **options: int) -> None:
        super().__init__(prog, width=width or _columns() - 2, **options)
        # argparse forgets that a command's name is set in when it makes room for the longest.
        self._action_max_length = max(map(len, COMMANDS)) + 4


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size().columns or 80
    except (ValueError, OSError):
        return 80


def _parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The parser; only the command that WORDS name is imported and told its options. None: every one is."""
    parser = argparse.ArgumentParser(
        prog="yanray",
        description="A personal assistant on your own machine.",
        formatter_class=_Formatter,
        allow_abbrev=False,  # `_named` knows the whole word alone
    )
    parser.set_defaults(config=None)
    add_config(parser)
    parser.add_argument("--version", action="version", version=f"yanray {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    chosen = _named(words or ())
    for name, (module_name, line) in COMMANDS.items():
        sentence = f"{line[0].upper()}{line[1:]}."
        command = commands.add_parser(name, help=line, description=sentence, formatter_class=_Formatter)
        if words is None or name == chosen:
            module = importlib.import_module(module_name)
            module.arguments(command)
            command.add_argument("--debug", action="store_true", help="show where an error came from")
            command.set_defaults(module=module, whole_parser=_parser)  # for `yanray completion`
    return parser


def _named(words: Sequence[str]) -> str | None:
    """The command in WORDS: the first that is neither an option nor the file of --config."""
    pairs = zip(["", *words], words, strict=False)
    return next((word for before, word in pairs if not word.startswith("-") and before != "--config"), None)
