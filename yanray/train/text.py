"""Plain text for pre-training: read from the data folder, tokenised once, sampled without end.

The data folder holds `NAME.jsonl.xz` files; `SOURCES` says which of them are text to learn a language from,
and how much of the text each one gives. Small Chinese sources are repeated more often than the large English
one.
"""

from __future__ import annotations

import json
import lzma
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yanray.errors import DataError
from yanray.train.render import Renderer

BATCH = 64  # texts that one process tokenises at a time


@dataclass(frozen=True, slots=True)
class Source:
    """Text in NAME.jsonl.xz: `share` of all text tokens; `read` makes a row into a text, `join` rows one."""

    name: str
    share: float
    read: Callable[[dict[str, Any]], str]
    join: int = 1


def _field(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: str(row[name])


def _titled(row: dict[str, Any]) -> str:
    return f"{row['title']}\n\n{row['context']}"


def _pair(row: dict[str, Any]) -> str:
    return f"{row['en']}\n{row['zh']}"


def _quiz(row: dict[str, Any]) -> str:
    return f"{row['question']}\n{row['answer']}"


def _service(row: dict[str, Any]) -> str:
    return "\n".join(turn["utterance"] for turn in row["turns"])


def _messages(row: dict[str, Any]) -> str:
    return "\n".join(message["content"] for message in row["messages"])


SOURCES = (
    Source("enwiki2015_core", 0.50, _field("text")),
    Source("sgd_train", 0.08, _service),
    Source("crosswoz_zh_valtest", 0.02, _messages),
    Source("opentriviaqa_en", 0.05, _quiz, join=8),
    Source("tatoeba_en_zh", 0.07, _pair, join=12),
    Source("lctt_zh_ccbysa", 0.14, _field("text")),
    Source("zhwiki_1mb", 0.04, _field("text")),
    Source("cmrc2018_zh_devtrial", 0.04, _titled),
    Source("prc_laws_zh", 0.03, _field("text")),
    Source("howtocook_zh", 0.03, _field("text")),
)


def read_source(folder: Path, source: Source) -> Iterator[str]:
    """The texts of SOURCE in FOLDER; none when the file is not there."""
    path = folder / f"{source.name}.jsonl.xz"
    if not path.is_file():
        return
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        texts = (source.read(json.loads(line)).strip() for line in lines if line.strip())
        while joined := "\n".join(islice(texts, source.join)):
            yield joined


def prepare_text(data: Path, tokenizer: Path, folder: Path, processes: int) -> str:
    """Tokenise the text in DATA into FOLDER (text.npy, documents.npy) unless it stands there; a line for the
    log.
    """
    if (folder / "documents.npy").is_file():
        return _described(folder)
    context = get_context("spawn")  # a fork of a process with torch's threads can hang
    parts: list[NDArray[np.uint16]] = []
    documents: list[tuple[int, int, int]] = []
    at = 0
    with context.Pool(processes, _start, (tokenizer,)) as pool:
        for number, encoded in pool.imap(_encode, _batches(data)):
            for ids in encoded:
                parts.append(ids)
                documents.append((number, at, len(ids)))
                at += len(ids)
    if not parts:
        names = ", ".join(source.name for source in SOURCES)
        raise DataError(f"No text in {data}: at least one of {names} (.jsonl.xz) must be there.")
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "text.npy", np.concatenate(parts))
    np.save(folder / "documents.npy", np.array(documents, np.int64))
    return _described(folder)


def _described(folder: Path) -> str:
    table = np.load(folder / "documents.npy")
    tokens = np.bincount(table[:, 0], weights=table[:, 2], minlength=len(SOURCES)).astype(int)
    sizes = ", ".join(f"{s.name} {n:,}" for s, n in zip(SOURCES, tokens, strict=True) if n)
    return f"text: {tokens.sum():,} tokens in {len(table):,} documents ({sizes})"


def _batches(data: Path) -> Iterator[tuple[int, list[str]]]:
    for number, source in enumerate(SOURCES):
        texts = read_source(data, source)
        while batch := list(islice(texts, BATCH)):
            yield number, batch


_renderer: Renderer | None = None  # of a tokenising process


def _start(tokenizer: Path) -> None:
    global _renderer
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the processes are the parallelism
    _renderer = Renderer(tokenizer)


def _encode(batch: tuple[int, list[str]]) -> tuple[int, list[NDArray[np.uint16]]]:
    assert _renderer is not None
    number, texts = batch
    return number, [np.array([*ids, _renderer.end], np.uint16) for ids in _renderer.encode(texts)]


class TextStore:
    """The tokenised text in FOLDER, shared between processes through the file."""

    def __init__(self, folder: Path) -> None:
        self.ids: NDArray[np.uint16] = np.load(folder / "text.npy", mmap_mode="r")
        table: NDArray[np.int64] = np.load(folder / "documents.npy")
        self.present = [number for number in range(len(SOURCES)) if (table[:, 0] == number).any()]
        self.shares = [SOURCES[number].share for number in self.present]
        self.tables = {number: table[table[:, 0] == number] for number in self.present}

    def sample(self, rng: random.Random, longest: int) -> NDArray[np.uint16]:
        """A piece of at most LONGEST tokens that begins at a document's start or a multiple of LONGEST after
        it.
        """
        table = self.tables[rng.choices(self.present, self.shares)[0]]
        first, last = int(table[0, 1]), int(table[-1, 1] + table[-1, 2])
        at = rng.randrange(first, last)  # every token of a source is as likely
        _, start, length = table[int(np.searchsorted(table[:, 1], at, side="right")) - 1]
        begin = int(start) + (at - int(start)) // longest * longest
        return np.asarray(self.ids[begin : min(begin + longest, int(start + length))])
