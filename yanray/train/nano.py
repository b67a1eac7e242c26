"""`yanray train nano`: train the embedded model, in one attempt or in several, on a CPU or on any number of
GPUs.

    python -m yanray.train.nano --data DIR --out DIR --minutes 9
    torchrun --nproc-per-node 2 -m yanray.train.nano --data DIR --out DIR --minutes 9 --until 0.5
    torchrun --nproc-per-node 2 -m yanray.train.nano --data DIR --out DIR --minutes 9 --resume

OUT gets tokenizer.json, text/ (the tokenised text), checkpoint.pt, nano.safetensors (float16) and log.jsonl.
`yanray.train.export` makes the GGUF of them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yanray.errors import UsageError, YanrayError

if TYPE_CHECKING:
    from yanray.train.feed import Draw

BEGAN = time.monotonic()


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    args = parser().parse_args(argv)
    try:
        return run(args)
    except YanrayError as problem:
        sys.stderr.write(f"yanray train nano: {problem}\n")
        return problem.exit_code


def parser() -> argparse.ArgumentParser:
    """The parser for `python -m yanray.train.nano`, as torchrun starts it."""
    p = argparse.ArgumentParser(prog="yanray train nano", description=(__doc__ or "").split("\n")[0])
    add_options(p)
    return p


def add_options(p: argparse.ArgumentParser) -> None:
    """The options of the command."""
    p.add_argument("--data", type=Path, required=True, help="folder with NAME.jsonl.xz files")
    p.add_argument("--out", type=Path, default=Path("runs/nano"), help="folder for all that is made")
    p.add_argument("--minutes", type=float, default=0.0, help="of this attempt, from the command's start")
    p.add_argument("--tokens", type=float, default=0.0, help="of the whole training, instead of --minutes")
    p.add_argument(
        "--until", type=float, default=1.0, help="fraction of the training at which this attempt ends"
    )
    p.add_argument("--resume", action="store_true", help="go on from checkpoint.pt in --out")
    p.add_argument(
        "--init", type=Path, help="begin with the weights and tokenizer of this GGUF or .safetensors"
    )
    p.add_argument(
        "--begin", type=float, default=0.0, help="with --init: fraction of the schedule at which to begin"
    )
    p.add_argument("--tokenizer", type=Path, help="use this tokenizer.json instead of learning one")
    p.add_argument(
        "--prepare", action="store_true", help="make the tokenizer and the tokenised text, then stop"
    )
    p.add_argument("--seed", type=int, default=1, help="decides the corpus and the first weights")
    p.add_argument("--rows", type=int, default=128, help="rows of a batch, for each GPU")
    p.add_argument("--row", type=int, default=1024, help="tokens of a row: a longer conversation is left out")
    p.add_argument("--vocabulary", type=int, default=12_288, help="tokens of a tokenizer that is learned")
    p.add_argument("--matrix-rate", type=float, default=0.02, help="Muon's learning rate")
    p.add_argument(
        "--reuse", type=int, default=3, help="how often a row may be shown; 1: wait for fresh ones"
    )
    p.add_argument(
        "--workers", type=int, default=0, help="processes that make rows, of all ranks; 0: by cores"
    )
    p.add_argument("--tiny", action="store_true", help="a very small model and batch, for a rehearsal")
    p.add_argument("--show", type=int, metavar="N", help="print N documents of the corpus and stop")
    p.add_argument(
        "--hash", type=int, metavar="N", help="print a SHA-256 over N documents of the corpus and stop"
    )


def run(args: argparse.Namespace) -> int:
    """Do what ARGS say; returns the exit code."""
    from yanray.train.mixture import KINDS, Mixture, show
    from yanray.train.render import transcript

    if not args.data.is_dir():
        raise UsageError(f"--data {args.data}: no such folder; it holds the NAME.jsonl.xz files")
    if args.show is not None:
        for document in show(args.show, args.seed, args.data):
            sys.stdout.write(f"--- {document.kind}\n{transcript(document)}\n")
        return 0
    draw = Mixture(args.data)
    if args.hash is not None:
        sys.stdout.write(corpus_hash(draw, args.seed, args.hash) + "\n")
        return 0
    if bool(args.minutes) == bool(args.tokens) and not args.prepare:
        raise UsageError("Give either --minutes M (of this attempt) or --tokens N (of the whole training).")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from yanray.train.session import train  # torch

    return train(args, draw, ("text", *KINDS), BEGAN)


def corpus_hash(draw: Draw, seed: int, count: int) -> str:
    """SHA-256 over the first COUNT documents of SEED, half way through the training."""
    from yanray.train.render import transcript

    rng = random.Random(seed)
    digest = hashlib.sha256()
    for _ in range(count):
        document = draw(rng, 0.5)
        digest.update(f"{document.kind}\n{transcript(document)}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
