"""Where a training's tokenizer comes from: a file, the weights it begins with, or a sample of the corpus."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

from yanray.paths import shipped
from yanray.train.feed import Draw
from yanray.train.text import SOURCES, read_source
from yanray.train.tokenizer import train_tokenizer

CONVERSATIONS = 12_000_000  # characters of the sample
TEXT = 24_000_000
NAMES = re.compile(r"(?<=[/_])[a-z]{2,}")  # words of commands, which stand without a space before them
NAME_WEIGHT = 4  # a command is written on every call: its words must be few tokens
SHIPPED_WEIGHT = 2_000
BATCH = 100  # documents that one process draws at a time


def learn_tokenizer(path: Path, draw: Draw, data: Path, size: int, seed: int, processes: int) -> None:
    """Write a tokenizer.json of SIZE tokens to PATH, learned from conversations and text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sample = [*_text(data), *_shipped_names(), *_contents(draw, seed, processes)]
    train_tokenizer(sample, size).save(str(path))


def _shipped_names() -> list[str]:
    """Commands of the shipped tools, often enough that each becomes one token."""
    return [f"/{path.stem}" for path in shipped("tools").glob("[a-z]*.py")] * SHIPPED_WEIGHT


def _text(data: Path) -> Iterator[str]:
    """Text from each source up to its share: a source too small for its share is used whole."""
    for source in SOURCES:
        left = int(TEXT * source.share)
        for text in read_source(data, source):
            if left <= 0:
                break
            left -= len(text)
            yield text


def _contents(draw: Draw, seed: int, processes: int) -> Iterator[str]:
    """Contents of drawn documents, in an order that does not depend on PROCESSES."""
    left = CONVERSATIONS
    with get_context("spawn").Pool(processes) as pool:
        tasks = zip(repeat(draw), (f"{seed}/tokenizer/{number}" for number in range(10_000)), strict=False)
        for contents in pool.imap(_drawn, tasks):
            for content in contents:
                left -= len(content)
                yield content
                yield "/".join(NAMES.findall(content) * NAME_WEIGHT)
            if left <= 0:
                return


def _drawn(task: tuple[Draw, str]) -> list[str]:
    draw, seed = task
    rng = random.Random(seed)
    return [m.content for _ in range(BATCH) for m in draw(rng, rng.random()).messages]
