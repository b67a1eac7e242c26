"""A value as a command writes it: without the preposition and the article that a sentence puts before it."""

from __future__ import annotations

import re

_QUANTITIES = (
    "second|minute|hour|day|night|week|weekend|fortnight|month|year|decade|dozen|couple|few|bit|little|lot|half|third|"
    "quarter|pair|hundred|thousand|million|kilo|litre|metre|mile|pound|gram|cup|spoon|pinch|handful|quick|long|short"
)
_BEFORE = re.compile(
    rf"(?:on |at |in (?!\d|a\b))?(?:the |an? (?!(?:{_QUANTITIES})\b))?(?=\S+(?: \S+){{0,3}}$)"
)
# Parameters that take a sentence, a title or an equation, which keep every word.
WHOLE = frozenset(
    "text message msg note title body q question sentence phrase dream content words lyric eq".split()
)
_VERB = re.compile(r" (?:is|are|was|were|has|have|do|does|isn't|won't|can't|fell|broke) ")


def bare(value: str) -> str:
    """VALUE without them: `on Monday` is Monday, `the kitchen` is kitchen; `an hour` stays."""
    found = _BEFORE.match(value)
    return value[found.end() :] if found else value


def written(parameter: str, value: str) -> str:
    """VALUE as a command writes it for PARAMETER."""
    return value if parameter in WHOLE or _VERB.search(value) else bare(value)
