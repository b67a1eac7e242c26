"""Whole documents into rows of one length.

A row that begins inside a document has lost the tool list that its question needs, so conversations are
never cut: best fit, longest first. Plain text fills what is left of each row and is cut at the row's border.
"""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yanray.train.render import NOTHING, TEXT, Rendered

SHORTEST_TEXT = 16  # tokens: a smaller hole is padded
KIND_SHIFT = 2  # a token's meta byte: class in the low two bits, index of its document's kind above
MOST_KINDS = 63


@dataclass(slots=True)
class Rows:
    """Rows of tokens, all arrays of shape [rows, length].

    ids:       uint16 token ids.
    meta:      uint8, class and kind (`KIND_SHIFT`).
    positions: uint16, place in the document; 0 begins a document.
    counts:    documents, their tokens, documents dropped because they were too long or found no room,
               padding tokens, tokens the model has to say, longest document.
    """

    ids: NDArray[np.uint16]
    meta: NDArray[np.uint8]
    positions: NDArray[np.uint16]
    counts: dict[str, int] = field(default_factory=dict)


def best_fit(lengths: Sequence[int], rows: int, length: int) -> list[list[int]]:
    """For each of ROWS rows of LENGTH tokens the documents (indices into LENGTHS) that stand in it."""
    placed: list[list[int]] = [[] for _ in range(rows)]
    room = [(length, row) for row in range(rows)]  # sorted by room
    for document in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        at = bisect_left(room, (lengths[document], -1))
        if at == len(room):
            continue
        free, row = room.pop(at)
        insort(room, (free - lengths[document], row))
        placed[row].append(document)
    return placed


def pack(
    documents: Sequence[Rendered],
    text: Callable[[random.Random], NDArray[np.uint16]],
    rng: random.Random,
    *,
    rows: int,
    length: int,
    kinds: Sequence[str],
    pad: int,
) -> Rows:
    """DOCUMENTS in ROWS shuffled rows of LENGTH tokens; TEXT gives pieces of plain text for what is left.

    kinds: names whose index is written into `meta`; index 0 stands for every kind that is not named.
    """
    kind_of = {kind: i for i, kind in enumerate(kinds)}
    placed = best_fit([len(document.ids) for document in documents], rows, length)
    rng.shuffle(placed)
    out = Rows(
        np.full((rows, length), pad, np.uint16),
        np.full((rows, length), NOTHING, np.uint8),
        np.zeros((rows, length), np.uint16),
    )
    padding = 0
    for row, indices in enumerate(placed):
        rng.shuffle(indices)
        at = 0
        for index in indices:
            document = documents[index]
            meta = document.classes | (kind_of.get(document.kind, 0) << KIND_SHIFT)
            at = _put(out, row, at, document.ids, meta)
        padding += _fill(out, row, at, text, rng, kind_of.get("text", 0))
    out.counts = _counts(documents, placed, padding, out)
    return out


def _put(out: Rows, row: int, at: int, ids: NDArray[np.uint16], meta: NDArray[Any]) -> int:
    end = at + len(ids)
    out.ids[row, at:end] = ids
    out.meta[row, at:end] = meta
    out.positions[row, at:end] = np.arange(len(ids), dtype=np.uint16)
    return end


def _fill(
    out: Rows,
    row: int,
    at: int,
    text: Callable[[random.Random], NDArray[np.uint16]],
    rng: random.Random,
    kind: int,
) -> int:
    """Text from AT to the row's end; returns how many tokens had to be padded."""
    length = int(out.ids.shape[1])
    while length - at >= SHORTEST_TEXT:
        piece = text(rng)[: length - at]
        at = _put(out, row, at, piece, np.full(len(piece), TEXT | (kind << KIND_SHIFT), np.uint8))
    out.positions[row, at:] = np.arange(length - at, dtype=np.uint16)
    return length - at


def _counts(
    documents: Sequence[Rendered], placed: list[list[int]], padding: int, out: Rows
) -> dict[str, int]:
    kept = [len(documents[i].ids) for indices in placed for i in indices]
    return {
        "documents": len(kept),
        "document_tokens": sum(kept),
        "dropped": len(documents) - len(kept),
        "padding": padding,
        "spoken": int(((out.meta & 3) == 3).sum()),
        "longest": max(kept, default=0),
    }
