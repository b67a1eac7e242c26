"""Examples laid into rows of tokens, several in one, so that no row is mostly empty.

An example is whole or not there, and none sees another: positions begin anew with each, which is how
transformers (>= 5, `masking_utils.find_packed_sequence_indices`) knows the borders and masks across them;
the tests hold that it does.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

Tensor: TypeAlias = Any
Row: TypeAlias = tuple[int, ...]  # indices of the examples in it


@dataclass(frozen=True, slots=True)
class Example:
    """Ids of one conversation or stretch of text; `taught`: whether a token is one that is to be said."""

    ids: tuple[int, ...]
    taught: tuple[bool, ...]

    @property
    def targets(self) -> int:
        """How many tokens it teaches; the first has nothing before it and teaches none."""
        return sum(self.taught[1:])


@dataclass(frozen=True, slots=True)
class Batch:
    """One row: `ids`, `positions` of shape [1, tokens]; `keep`, the indices whose next token is taught;
    `targets`, those tokens."""

    ids: Tensor
    positions: Tensor
    keep: Tensor
    targets: Tensor

    def to(self, device: Any) -> Batch:
        """The same on DEVICE."""
        return Batch(*(each.to(device) for each in (self.ids, self.positions, self.keep, self.targets)))


def pack(lengths: Sequence[int], tokens: int, rng: random.Random) -> list[Row]:
    """The examples of LENGTHS in rows of at most TOKENS, in an order that RNG draws.

    Each goes into the fullest of the last rows that still holds it.
    """
    order = list(range(len(lengths)))
    rng.shuffle(order)
    rows: list[list[int]] = []
    room: list[int] = []
    for index in order:
        size = lengths[index]
        recent = range(max(0, len(rows) - 64), len(rows))  # all rows would cost the square of their number
        best = min((n for n in recent if room[n] >= size), key=lambda n: room[n], default=None)
        if best is None:
            rows.append([index])
            room.append(tokens - size)
        else:
            rows[best].append(index)
            room[best] -= size
    rng.shuffle(rows)
    return [tuple(row) for row in rows]


def schedule(lengths: Sequence[int], tokens: int, accumulate: int, epochs: int, seed: int) -> list[list[Row]]:
    """The rows of every step of the training: the same arguments give the same, so a resumed training
    needs to know its step and nothing else."""
    steps: list[list[Row]] = []
    for epoch in range(epochs):
        rows = pack(lengths, tokens, random.Random(f"{seed}/{epoch}"))
        steps += [rows[at : at + accumulate] for at in range(0, len(rows), accumulate)]
    return steps


def batch(examples: Sequence[Example], row: Row) -> Batch:
    """The tensors of ROW."""
    ids: list[int] = []
    positions: list[int] = []
    keep: list[int] = []
    for index in row:
        example = examples[index]
        start = len(ids)
        keep += [start + at - 1 for at, taught in enumerate(example.taught) if taught and at]
        ids += example.ids
        positions += range(len(example.ids))
    return Batch(
        torch.tensor([ids]),
        torch.tensor([positions]),
        torch.tensor(keep, dtype=torch.long),
        torch.tensor([ids[at + 1] for at in keep], dtype=torch.long),
    )
