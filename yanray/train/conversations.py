"""Conversations under tool lists made of the concept bank: the list has to be read.

The right tool stands among near misses, under a fitting or an invented name, or is missing; then the
assistant says so. A call's result is read out; it may be an error.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from yanray.train import answers, faults, manner
from yanray.train.concepts import Concept, bank, fill
from yanray.train.document import Document, Exchange, Language, called, conversation, said
from yanray.train.neighbours import neighbours
from yanray.train.people import People
from yanray.train.talk import Talk
from yanray.train.toollists import Tool, argument, dress, name_style, request, size

_BEFORE, _AFTER = r"(?<![A-Za-z\d.:/-])", r"(?![\d:/-]|\.\d|\s*[月日号])"  # no part of a date or an hour
_NUMBER = re.compile(rf"{_BEFORE}\d{{1,4}}{_AFTER}")
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_FAULTY = 0.13
_REFUSED = 0.07
_TURNS = (1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8)
_AND = {
    "en": ("and {x}?", "what about {x}?", "{x}?", "how about {x}", "and for {x}", "no, {x}", "I meant {x}"),
    "zh": ("那{x}呢", "{x}呢", "换成{x}", "不对，是{x}", "我说的是{x}", "再看{x}"),
}


def with_requests(concepts: Sequence[Concept], people: People) -> tuple[Concept, ...]:
    """CONCEPTS, the data sets' intents among them with the requests that PEOPLE made."""
    return tuple(_asked(concept, people) if ":" in concept.key else concept for concept in concepts)


def _asked(concept: Concept, people: People) -> Concept:
    asks: dict[str, list[str]] = {
        language: [*concept.asks[language], *_plain(people, concept, language)] for language in LANGUAGES
    }
    return replace(concept, asks=asks)


def _plain(people: People, concept: Concept, language: Language) -> list[str]:
    return [text for text in people.texts(concept.key, language) if "{" not in text]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The tools of one document, and the concepts that none of them is or resembles."""

    tools: tuple[Tool, ...]
    missing: tuple[Concept, ...]
    language: Language


def language_of(rng: random.Random) -> Language:
    """Chinese in two conversations of five."""
    return "zh" if rng.random() < 0.4 else "en"


def prompt_language(rng: random.Random, language: Language) -> Language:
    """The language of the system prompt and of the descriptions: mostly the user's."""
    if language == "zh":
        return "zh" if rng.random() < 0.68 else "en"
    return "en" if rng.random() < 0.97 else "zh"


def perturbed(rng: random.Random, output: str, answer: str) -> tuple[str, str]:
    """Both with the same other numbers: what the answer says has to be read off the result."""
    for digits in sorted(set(_NUMBER.findall(output)) & set(_NUMBER.findall(answer))):
        low = 10 ** (len(digits) - 1) if len(digits) > 1 else 2
        fresh = str(rng.randint(low, 10 ** len(digits) - 1))
        pattern = f"{_BEFORE}{digits}{_AFTER}"
        output, answer = re.sub(pattern, fresh, output), re.sub(pattern, fresh, answer)
    return output, answer


def ask(rng: random.Random, tool: Tool, language: Language, faulty: float = _FAULTY) -> Exchange:
    """A request that TOOL answers. faulty: the share that ends in an error."""
    asked = request(rng, tool.concept, language)
    text, change = manner.loosen(rng, asked.text, language)
    kinds = {slot.name: bool(slot.choices) for slot in tool.concept.slots}
    written = {name: value if kinds[name] else change(value) for name, value in asked.written.items()}
    line = argument(tool.concept.slots, written)
    pairs = [pair for pair in tool.concept.results[language] if "{" not in fill("".join(pair), asked.spoken)]
    if not pairs or rng.random() < faulty:
        return faults.exchange(rng, text, tool, asked, line, language)
    output, answer = rng.choice(pairs)
    if rng.random() < 0.5:
        output, answer = perturbed(rng, output, answer)
    spoken = {name: change(value) for name, value in asked.spoken.items()}
    # A tool prints what it was given: 15, not `a quarter of an hour`. A choice is named as people name it.
    given = {name: spoken[name] if kinds[name] else value for name, value in written.items()}
    return called(text, tool.spec.name, line, fill(output, given), manner.sentence(answer, spoken))


def once_more(rng: random.Random, tool: Tool, language: Language) -> Exchange | None:
    """The request before, for another value of TOOL's only parameter; None where it has none."""
    slots = tool.concept.slots
    pairs = tool.concept.results[language]
    if len(slots) != 1 or slots[0].choices or not pairs:
        return None
    spoken, written = slots[0].pick(rng, language)
    name = slots[0].name
    output, answer = rng.choice(pairs)
    text = fill(rng.choice(_AND[language]), {"x": spoken})
    said = manner.sentence(answer, {name: spoken})
    return called(text, tool.spec.name, written, fill(output, {name: written}), said)


def refuse(rng: random.Random, stock: Shelf, concept: Concept) -> Exchange:
    """A request that no tool of the list answers."""
    text, _ = manner.loosen(rng, request(rng, concept, stock.language).text, stock.language)
    return said(text, answers.none_fits(rng, stock.language, [tool.spec for tool in stock.tools]))


class Lists:
    """Lists of the bank's tools, with requests of real people for the data sets' intents among them."""

    def __init__(self, people: People) -> None:
        self.concepts = with_requests(bank(), people)
        self.by_key = {concept.key: concept for concept in self.concepts}
        self.alike = neighbours(bank())
        self.askable = {
            language: [each for each in self.concepts if each.asks[language] and each.results[language]]
            for language in LANGUAGES
        }

    def __call__(self, rng: random.Random, language: Language, shown: Language) -> Shelf:
        """A list of tools with near misses, and up to two concepts to ask for in vain."""
        targets = rng.sample(self.askable[language], 6)
        missing = tuple(targets[:2])
        chosen = self._chosen(rng, targets[2:], missing, size(rng))
        styles = name_style(rng)
        taken: set[str] = set()
        tools = [dress(rng, concept, shown, styles, taken) for concept in chosen]
        return Shelf(tuple(tools), missing, language)

    def _chosen(
        self, rng: random.Random, targets: Sequence[Concept], missing: Sequence[Concept], count: int
    ) -> list[Concept]:
        """COUNT concepts: TARGETS, then near misses of them and of MISSING, then any; no twins."""
        twins = self.alike.twins
        barred = {key for concept in missing for key in (concept.key, *twins[concept.key])}
        near = [key for concept in (*targets, *missing) for key in self.alike.near[concept.key][:5]]
        rng.shuffle(near)
        candidates = [*targets, *(self.by_key[key] for key in near[: int(count * rng.uniform(0.2, 0.8))])]
        candidates += rng.sample(self.concepts, min(len(self.concepts), count + 6))
        chosen: list[Concept] = []
        for concept in candidates:
            if len(chosen) == count:
                break
            if concept.key not in barred:
                chosen.append(concept)
                barred |= {concept.key, *twins[concept.key]}
        return chosen


Shelves: TypeAlias = Callable[[random.Random, Language, Language], Shelf]


class Bank:
    """Conversations under the lists of tools that SHELVES makes. faulty: the share of calls that fail."""

    def __init__(self, talk: Talk, shelves: Shelves, faulty: float = _FAULTY) -> None:
        self.talk = talk
        self.shelves = shelves
        self.faulty = faulty

    def __call__(self, rng: random.Random) -> Document:
        """One conversation."""
        language = language_of(rng)
        shown = prompt_language(rng, language)
        stock = self.shelves(rng, language, shown)
        turns = self.turns(rng, stock, rng.choice(_TURNS))
        return conversation([tool.spec for tool in stock.tools], turns, language=shown, kind="tools")

    def turns(self, rng: random.Random, stock: Shelf, count: int) -> list[Exchange]:
        """COUNT turns: mostly requests for the tools, at times one in vain, at times talk."""
        language = stock.language
        specs = [tool.spec for tool in stock.tools]
        concerned = [
            each for each in stock.tools if each.concept.asks[language] and each.concept.results[language]
        ]
        rng.shuffle(concerned)
        missing = [concept for concept in stock.missing if concept.asks[language]]
        turns: list[Exchange] = []
        for number in range(count):
            kind = rng.random()
            if (kind < _REFUSED or not concerned) and missing:
                turns.append(refuse(rng, stock, missing.pop()))
            elif kind < _REFUSED + 0.07 or not concerned:
                before = turns[-1].messages[-1].content if turns else ""
                turns.append(self.talk(rng, language, specs, before))
            else:
                tool = concerned[number % len(concerned)]
                turns.append(ask(rng, tool, language, self.faulty))
                more = once_more(rng, tool, language) if rng.random() < 0.1 else None
                turns += [more] if more else []
        return turns
