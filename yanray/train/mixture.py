"""Which conversations the training shows, and how much of each at its beginning and at its end.

`Mixture(data)(rng, fraction)` draws one document: the shares run in a straight line from `early` (fraction 0)
to `late` (fraction 1). Plain text is not drawn here. The same seed draws the same documents.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

from yanray.train import lookup
from yanray.train.chat import SETS as chat_files
from yanray.train.chat import Chat
from yanray.train.combined import grid
from yanray.train.conversations import Bank, Lists
from yanray.train.document import Document, Generator
from yanray.train.home import Home
from yanray.train.people import SETS as people_files
from yanray.train.people import people
from yanray.train.sums import Sums
from yanray.train.swapped import swapped
from yanray.train.synonyms import others
from yanray.train.talk import Talk
from yanray.train.unbounded import Matching, things
from yanray.train.values import values

FILES = (*people_files, *chat_files, "gsm8k_train")  # what the conversations use of the data folder
KINDS = ("tools", "match", "home", "sums", "chat", "lookup")  # the kinds of documents


@dataclass(frozen=True, slots=True)
class Source:
    """A generator and its share of the documents, early and late: weights that need not sum to one."""

    generate: Generator
    early: float
    late: float


def sources(data: Path | None) -> dict[str, Source]:
    """All generators. What needs files that DATA lacks (None: all of them) is left out of each."""
    lacking = [name for name in FILES if data and not (data / f"{name}.jsonl.xz").is_file()]
    if lacking:
        sys.stderr.write(f"corpus: {data} lacks {', '.join(lacking)}; made without them\n")
    asked = people(data)
    talk = Talk(asked)
    matching = Matching(data)
    return {
        "tools": Source(Bank(talk, Lists(asked)), 0.18, 0.2),
        "deeds": Source(Bank(talk, grid), 0.05, 0.03),
        "swapped": Source(Bank(talk, swapped), 0.16, 0.16),
        "things": Source(Bank(talk, things), 0.14, 0.1),
        **({"match": Source(matching, 0.2, 0.14)} if matching.subjects["zh"] else {}),
        "synonyms": Source(Bank(talk, others), 0.08, 0.08),
        "values": Source(Bank(talk, values, faulty=0.3), 0.08, 0.1),
        "home": Source(Home(asked, talk), 0.2, 0.25),
        "sums": Source(Sums(data), 0.18, 0.26),
        "chat": Source(Chat(talk, data), 0.06, 0.05),
        "lookup": Source(lookup.exercise, 0.2, 0.03),
    }


@dataclass
class Mixture:
    """Draws documents. It can be pickled: a worker process makes the generators anew.

    data: the folder with NAME.jsonl.xz files, or None.
    """

    data: Path | None = None
    _sources: list[Source] = field(default_factory=list, repr=False)

    def __call__(self, rng: random.Random, fraction: float) -> Document:
        """One document for the FRACTION (0 to 1) of the training."""
        if not self._sources:
            self._sources = list(sources(self.data).values())
        weights = [each.early + (each.late - each.early) * fraction for each in self._sources]
        return rng.choices(self._sources, weights)[0].generate(rng)

    def __getstate__(self) -> dict[str, object]:
        return {"data": self.data, "_sources": []}


def show(count: int, seed: int = 0, data: Path | None = None) -> list[Document]:
    """At least COUNT documents, as many of each kind, for reading."""
    found = sources(data)
    rng = random.Random(seed)
    each = -(-count // len(found))
    return [source.generate(rng) for source in found.values() for _ in range(each)]
