"""Which concepts of the bank are alike: near misses to show with the right tool, twins never to show with it.

Likeness is the cosine of TF-IDF vectors over a concept's names, English descriptions and requests (Salton and
Buckley 1988). It is computed once in a process: about a second for a thousand concepts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from yanray.train.concepts import Concept

TWIN = 0.52  # above it two concepts may answer the same request (judged by reading pairs)
TWIN_OF_INTENT = 0.25  # for a data set's intent, which overlaps more: others' requests are looser
NEAR = 0.10  # above it they are of one domain
_WORD = re.compile(r"[a-z]+")
_COMMON = frozenset(
    "a an the of to in on for and or is it my me i you can do does did what when how which that this with at "
    "by from be are was please hey s t m ve ll re up out if as its your has have had will would there".split()
)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each concept's key: the keys of its near misses, nearest first, and of its twins."""

    near: dict[str, tuple[str, ...]]
    twins: dict[str, frozenset[str]]


def _terms(concept: Concept) -> Counter[str]:
    weighted = [(3, " ".join(concept.names)), (2, " ".join(concept.summaries["en"]))]
    weighted.append((1, " ".join(concept.asks["en"])))
    counts: Counter[str] = Counter()
    for weight, text in weighted:
        for word in _WORD.findall(text.lower().replace("_", " ")):
            if word not in _COMMON:
                counts[word[:6]] += weight
    return counts


def _vectors(concepts: Sequence[Concept]) -> NDArray[np.float32]:
    counts = [_terms(concept) for concept in concepts]
    spread = Counter(word for each in counts for word in each)
    column = {word: index for index, word in enumerate(spread)}
    matrix = np.zeros((len(concepts), len(column)), dtype=np.float32)
    for row, each in enumerate(counts):
        for word, count in each.items():
            matrix[row, column[word]] = (1 + np.log(count)) * np.log(1 + len(concepts) / spread[word])
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(norms, 1e-9), dtype=np.float32)


def likeness(first: Sequence[Concept], second: Sequence[Concept]) -> NDArray[np.float32]:
    """Cosines of every concept of FIRST with every one of SECOND, [first, second]."""
    vectors = _vectors([*first, *second])
    return np.asarray(vectors[: len(first)] @ vectors[len(first) :].T)


def _limit(first: str, second: str) -> float:
    return TWIN_OF_INTENT if ":" in first + second else TWIN


@lru_cache(maxsize=2)
def neighbours(concepts: tuple[Concept, ...]) -> Neighbours:
    """The near misses (at most 12) and the twins of every concept."""
    vectors = _vectors(concepts)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, 0)
    near: dict[str, tuple[str, ...]] = {}
    twins: dict[str, frozenset[str]] = {}
    for row, concept in enumerate(concepts):
        order = np.argsort(-likeness[row])[:40]
        alike = [(concepts[int(i)].key, float(likeness[row, i])) for i in order]
        twins[concept.key] = frozenset(key for key, value in alike if value >= _limit(key, concept.key))
        close = [key for key, value in alike if NEAR <= value < _limit(key, concept.key)]
        near[concept.key] = tuple(close[:12])
    return Neighbours(near, twins)
