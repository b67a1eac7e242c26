"""`yanray quantize`: a smaller file of the same model, and a table of what that cost."""

from __future__ import annotations

import argparse
from pathlib import Path

from yanray.chatglm.weights import weight_files
from yanray.errors import DataError, UsageError
from yanray.models.quantize import TARGETS, Measured, agreement, as_gguf, measure, quantize
from yanray.models.quantize_folder import FOLDER_TARGETS, quantize_folder
from yanray.options import add_config


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray quantize` takes."""
    parser.add_argument(
        "source", type=Path, help="a GGUF file in 16 or 32 bits, or a folder: Llama, Mistral, ChatGLM, GLM"
    )
    parser.add_argument("target", type=Path, help="the GGUF file to write; a folder for int8 and nf4")
    parser.add_argument(
        "--to",
        choices=(*TARGETS, *FOLDER_TARGETS),
        default="q4_k_m",
        help="number format; int8 and nf4 make a folder for transformers; default: %(default)s",
    )
    parser.add_argument("--text", type=Path, help="a text file by which to judge what it cost")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Quantize, measure both, print the table."""
    if options.to in FOLDER_TARGETS:
        return _folder(options)
    text = _text(options.text) if options.text else ""
    with as_gguf(options.source.expanduser()) as source:
        quantize(source, options.target, options.to)
        sizes = [path.stat().st_size / 1e6 for path in (source, options.target)]
        if not text:
            print(f"{sizes[0]:.1f} MB -> {sizes[1]:.1f} MB; --text FILE would tell what it cost")
            return 0
        before, after = measure(source, text), measure(options.target, text)
    print(f"{'':<10}{'size':>12}{'perplexity':>13}{'tokens/s':>11}{'same next token':>18}")
    print(_row("original", before, before))
    print(_row(options.to, after, before))
    return 0


def _folder(options: argparse.Namespace) -> int:
    if options.text:
        raise UsageError(f"--text judges GGUF files; leave it out with --to {options.to}")
    source = options.source.expanduser()
    quantize_folder(source, options.target, options.to)
    folders = (source, options.target)
    sizes = [sum(path.stat().st_size for path in weight_files(folder)) for folder in folders]
    print(f"{sizes[0] / 1e6:.1f} MB -> {sizes[1] / 1e6:.1f} MB; run it by -m {options.target}")
    return 0


def _row(name: str, one: Measured, original: Measured) -> str:
    same = f"{agreement(one, original):.1%}"
    return f"{name:<10}{one.bytes / 1e6:>9.1f} MB{one.perplexity:>13.3f}{one.speed:>11.1f}{same:>18}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as text: {error}") from None
