"""Examples laid into rows of tokens, several in one, so that no row is mostly empty, and what they begin with
is not worked out again for each.

An example is whole or not there, and none sees another. Those that begin with the same system prompt and
tools (their `head`) share it: it stands in the row once, and each of them sees it and itself, at the
positions that it would have alone. That is the same computation with a tenth of the tokens where a
conversation is short. Rows without a shared head need no mask of their own: positions begin anew with each
example, which is how transformers (>= 5, `masking_utils.find_packed_sequence_indices`) knows the borders.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

Tensor: TypeAlias = Any
Row: TypeAlias = tuple[int, ...]  # indices of the examples in it

RECENT = 64  # rows that an example may still go into; all would cost the square of their number


@dataclass(frozen=True, slots=True)
class Example:
    """Ids of one conversation or stretch of text. taught: whether a token is one that is to be said.

    head: how many ids at the beginning may be shared with others; none of them is taught.
    """

    ids: tuple[int, ...]
    taught: tuple[bool, ...]
    head: int = 0

    @property
    def targets(self) -> int:
        """How many tokens it teaches; the first has nothing before it and teaches none."""
        return sum(self.taught[1:])

    @property
    def shared(self) -> tuple[int, ...]:
        """The ids that it may share."""
        return self.ids[: self.head]


@dataclass(frozen=True, slots=True)
class Batch:
    """One row: `ids`, `positions` of shape [1, tokens]; `keep`, the indices whose next token is taught;
    `targets`, those tokens; `sees` [tokens, tokens], which token sees which, where a head is shared."""

    ids: Tensor
    positions: Tensor
    keep: Tensor
    targets: Tensor
    sees: Tensor | None = None

    def to(self, device: Any) -> Batch:
        """The same on DEVICE."""
        sees = None if self.sees is None else self.sees.to(device)
        ids, positions = self.ids.to(device), self.positions.to(device)
        return Batch(ids, positions, self.keep.to(device), self.targets.to(device), sees)


def pack(examples: Sequence[Example], tokens: int, rng: random.Random) -> list[Row]:
    """EXAMPLES in rows of at most TOKENS, in an order that RNG draws.

    Each goes into the row where it adds the fewest tokens, the fullest of these, among the last ones.
    """
    order = list(range(len(examples)))
    rng.shuffle(order)
    rows: list[list[int]] = []
    room: list[int] = []
    heads: list[set[tuple[int, ...]]] = []
    for index in order:
        example = examples[index]
        head, size = example.shared, len(example.ids)
        fits: list[tuple[int, int, int]] = []
        for at in range(max(0, len(rows) - RECENT), len(rows)):
            added = size - (example.head if head in heads[at] else 0)
            if added <= room[at]:
                fits.append((added, room[at], at))
        if not fits:
            rows.append([])
            room.append(tokens)
            heads.append(set())
            fits = [(size, tokens, len(rows) - 1)]
        added, _, at = min(fits)
        rows[at].append(index)
        room[at] -= added
        heads[at].add(head)
    rng.shuffle(rows)
    return [tuple(row) for row in rows]


def schedule(
    examples: Sequence[Example], tokens: int, accumulate: int, epochs: int, seed: int
) -> list[list[Row]]:
    """The rows of every step of the training: the same arguments give the same, so a resumed training
    needs to know its step and nothing else."""
    steps: list[list[Row]] = []
    for epoch in range(epochs):
        rows = pack(examples, tokens, random.Random(f"{seed}/{epoch}"))
        steps += [rows[at : at + accumulate] for at in range(0, len(rows), accumulate)]
    return steps


def size(examples: Sequence[Example], row: Row) -> int:
    """Tokens of ROW."""
    heads = {examples[index].shared for index in row}
    return sum(map(len, heads)) + sum(len(examples[index].ids) - examples[index].head for index in row)


def shares(examples: Sequence[Example], row: Row) -> bool:
    """Whether examples of ROW share a head."""
    heads = [examples[index].shared for index in row if examples[index].head]
    return len(set(heads)) < len(heads)


def batch(examples: Sequence[Example], row: Row) -> Batch:
    """The tensors of ROW."""
    made = _Row()
    for index in row:
        made.add(examples[index])
    return made.batch()


class _Row:
    """A row as it grows by parts: heads, and what follows them."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.positions: list[int] = []
        self.part: list[int] = []  # of each token, the part that it stands in
        self.above: list[int] = []  # and the part of its head
        self.keep: list[int] = []
        self.targets: list[int] = []
        self._heads: dict[tuple[int, ...], tuple[int, int]] = {}  # its part, and where it ends
        self._parts = 0
        self._shared = False

    def add(self, example: Example) -> None:
        head = example.shared
        if not head:
            self._heads[head] = (self._parts, -1)
        elif head in self._heads:
            self._shared = True
        else:
            part = self._parts
            self._lay(head, 0, part)
            self._heads[head] = (part, len(self.ids) - 1)
        part, last = self._heads[head]
        start = len(self.ids)
        self._lay(example.ids[example.head :], example.head, part if head else self._parts)
        for at in range(max(1, example.head), len(example.ids)):
            if example.taught[at]:
                place = start + at - example.head
                self.keep.append(last if at == example.head else place - 1)
                self.targets.append(example.ids[at])

    def _lay(self, ids: tuple[int, ...], position: int, above: int) -> None:
        self.ids += ids
        self.positions += range(position, position + len(ids))
        self.part += [self._parts] * len(ids)
        self.above += [above] * len(ids)
        self._parts += 1

    def batch(self) -> Batch:
        sees = None
        if self._shared:
            part, above = torch.tensor(self.part), torch.tensor(self.above)
            sees = (part[:, None] == part) | (above[:, None] == part)
            sees = sees.tril()
        return Batch(
            torch.tensor([self.ids]),
            torch.tensor([self.positions]),
            torch.tensor(self.keep, dtype=torch.long),
            torch.tensor(self.targets, dtype=torch.long),
            sees,
        )
