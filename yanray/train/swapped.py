"""The bank's concepts about other things: `is the dishwasher done` becomes `is the harvester done`.

What a concept is about (a noun that stands in a description and in a request) is exchanged for any noun of
the language. The ways of asking stay those that people have; what they are asked of has no end. A request
about a thing that no tool of the list is about is refused, however well its pattern is known.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from yanray.train import names
from yanray.train.concepts import Concept, bank, words
from yanray.train.conversations import Shelf
from yanray.train.document import Language
from yanray.train.nouns import nouns
from yanray.train.toollists import dress, name_style, size

_WORD = re.compile(r"(?<![a-z{])[a-z]{4,}(?![a-z}])")
_RUN = re.compile(r"[\u4e00-\u9fff]+")
_KEPT = 0.25  # of a list's tools: concepts as they are


@dataclass(frozen=True, slots=True)
class Pattern:
    """A concept, and the noun in it that may be another."""

    concept: Concept
    noun: str


def _english(text: str) -> set[str]:
    return set(_WORD.findall(text.lower())) & _known("en")


def _chinese(text: str) -> set[str]:
    """The known nouns in TEXT, no part of a longer one."""
    found: set[str] = set()
    for run in _RUN.findall(text):
        at = 0
        while at < len(run):
            longest = next((run[at : at + n] for n in (5, 4, 3, 2) if run[at : at + n] in _known("zh")), "")
            found |= {longest} if longest else set()
            at += len(longest) or 1
    return found


@lru_cache(maxsize=2)
def _known(language: Language) -> frozenset[str]:
    """Nouns that may be exchanged: those of the table, and what the word lists name."""
    if language == "en":
        plain = {noun.lower() for noun in nouns("en") if " " not in noun}
        return frozenset(plain | {f"{noun}s" for noun in plain})
    lists = (words()[name]["zh"] for name in ("food", "animal", "sport") if name in words())
    return frozenset(noun for group in (nouns("zh"), *lists) for noun in group if len(noun) > 1)


@lru_cache(maxsize=2)
def patterns(language: Language) -> tuple[Pattern, ...]:
    """Every concept of the bank with a noun that a description shares with a request."""
    read = _english if language == "en" else _chinese
    found = []
    for concept in bank():
        if concept.results[language]:
            told = [read(line) for line in concept.summaries[language]]
            asked = [read(line) for line in concept.asks[language]]
            shared = set().union(*told) & set().union(*asked) if told and asked else set()
            found += [Pattern(concept, noun) for noun in sorted(shared)]
    return tuple(found)


def about(rng: random.Random, pattern: Pattern, noun: str, language: Language) -> Concept:
    """PATTERN with NOUN in its place; what does not speak of the place is left out."""
    old, plain = pattern.concept, names.snake(noun)
    word = re.compile(
        rf"(?<![A-Za-z{{]){re.escape(pattern.noun)}(?![A-Za-z}}])"
        if language == "en"
        else re.escape(pattern.noun),
        re.IGNORECASE,
    )

    def other(lines: Sequence[str]) -> list[str]:
        return [word.sub(noun, line) for line in lines if word.search(line)]

    made = Concept(f"{old.key}_x", 0, slots=old.slots)
    made.summaries[language] = other(old.summaries[language])
    made.asks[language] = other(old.asks[language])
    made.results[language] = [
        (word.sub(noun, output), word.sub(noun, say)) for output, say in old.results[language]
    ]
    fitting = [names.cut(name.replace(pattern.noun, plain)) for name in old.names if pattern.noun in name]
    made.names = fitting if noun.isascii() and fitting else [names.invented(rng)]
    return made


def swapped(rng: random.Random, language: Language, shown: Language) -> Shelf:
    """A list of such concepts, some as they are among them; two requests are for none of them.

    A description and its request share the noun, so the list is in the language of the request.
    """
    count = size(rng)
    picked = rng.sample(nouns(language), count + 2)
    chosen = rng.sample(patterns(language), count + 2)
    made = [about(rng, *pair, language) for pair in zip(chosen, picked, strict=True)]
    if rng.random() < 0.5:  # the pattern stands in the list, about another thing
        made[0] = about(rng, chosen[2], picked[0], language)
    keys = {pattern.concept.key for pattern in chosen}
    kept = [concept for concept in rng.sample(bank(), round(_KEPT * count)) if concept.key not in keys]
    tools = [*made[2:], *kept][-count:]
    rng.shuffle(tools)
    styles, taken = name_style(rng), set[str]()
    dressed = tuple(dress(rng, concept, language, styles, taken) for concept in tools)
    return Shelf(dressed, tuple(made[:2]), language)
