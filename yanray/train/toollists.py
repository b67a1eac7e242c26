"""Tool lists: what a concept looks like as a tool, and which tools stand together in one prompt."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yanray.toolbox.spec import Parameter, ToolSpec
from yanray.train import names
from yanray.train.concepts import Concept, Slot, fill
from yanray.train.document import Language

_FREE = ("query", "text", "what", "name", "item", "q", "input", "value", "words", "which", "request", "topic")
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 20, 24)
_SIZE_WEIGHTS = (2, 2, 3, 4, 5, 8, 8, 9, 9, 9, 9, 14, 7, 6, 4, 3, 2, 1)


@dataclass(frozen=True, slots=True)
class Tool:
    """A concept dressed up as a tool of one list."""

    spec: ToolSpec
    concept: Concept


def size(rng: random.Random) -> int:
    """How many tools a list has: 1 to 24, mostly 6 to 14."""
    return rng.choices(SIZES, _SIZE_WEIGHTS)[0]


def name_style(rng: random.Random) -> Sequence[str]:
    """The styles of names in one list, to choose from for each tool."""
    kind = rng.random()
    if kind < 0.3:
        return ("invented",)
    if kind < 0.42:
        return ("fitting", "fitting", "invented")
    return ("fitting", "fitting", "fitting", "fitting", "short")


def dress(
    rng: random.Random, concept: Concept, language: Language, styles: Sequence[str], taken: set[str]
) -> Tool:
    """CONCEPT as a tool: one of its descriptions, a name that TAKEN lacks, parameters, perhaps an example."""
    spec = ToolSpec(
        names.pick(rng, concept.names, rng.choice(styles), taken),
        rng.choice(concept.summaries[language]),
        tuple(_parameters(rng, concept)),
        _examples(rng, concept, language),
    )
    return Tool(spec, concept)


def _parameters(rng: random.Random, concept: Concept) -> list[Parameter]:
    free = len(concept.slots) == 1 and not concept.slots[0].choices and rng.random() < 0.5
    shown = []
    for slot in concept.slots:
        kind = "|".join(slot.choices) if slot.choices else "text"
        shown.append(Parameter(rng.choice(_FREE) if free else slot.name, kind, not slot.optional))
    return shown


def _examples(rng: random.Random, concept: Concept, language: Language) -> tuple[tuple[str, str], ...]:
    if not concept.slots or rng.random() < 0.45:
        return ()
    spoken = language if all(language in slot.values for slot in concept.slots) else "en"
    values = {
        slot.name: slot.pick(rng, spoken)[1]
        for slot in concept.slots
        if not slot.optional or rng.random() < 0.5
    }
    return ((argument(concept.slots, values), ""),) if values else ()


def argument(slots: Sequence[Slot], values: Mapping[str, str]) -> str:
    """What follows the command's name: one parameter takes the rest of the line.

    Of several, the required ones stand in order, quoted when they hold a space, the others as name=value.
    """
    if len(slots) == 1:
        return values.get(slots[0].name, "")
    parts = []
    for slot in slots:
        if slot.name in values:
            value = values[slot.name]
            quoted = f'"{value}"' if " " in value or "'" in value or '"' in value else value
            parts.append(f"{slot.name}={quoted}" if slot.optional else quoted)
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Request:
    """One filled request of a concept.

    spoken: slot -> its value as the user says it. written: slot -> as the command writes it.
    """

    text: str
    spoken: dict[str, str]
    written: dict[str, str]


def request(rng: random.Random, concept: Concept, language: Language) -> Request:
    """One of CONCEPT's requests with values for the slots that it names."""
    ask = rng.choice(concept.asks[language])
    spoken: dict[str, str] = {}
    written: dict[str, str] = {}
    for slot in concept.slots:
        if "{" + slot.name + "}" in ask:
            spoken[slot.name], written[slot.name] = slot.pick(rng, language)
    return Request(fill(ask, spoken), spoken, written)
