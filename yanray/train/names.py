"""Names for tools: fitting ones, shortened ones, and invented ones that only the list explains."""

from __future__ import annotations

import random
from collections.abc import Sequence

from yanray.train.concepts import words

LONGEST = 32  # letters of a name that is put together
_ONSETS = "b c d f g h j k l m n p r s t v w z bl br cl cr dr fl gr pl pr sk sl sn st tr qu".split()
_VOWELS = "a e i o u a e i o u ai ee oo ou".split()
_ENDS = "n r l t k s m x d p ck ft lt nd rb sh st th zz nk".split()
_PREFIXES = "get my do run the ask use call go x".split()


def invented(rng: random.Random) -> str:
    """A pronounceable word that means nothing (`zorbel`), an unrelated word, or a mere label (`tool7`)."""
    kind = rng.random()
    if kind < 0.62:
        return coined(rng)
    if kind < 0.86:
        return _plain(rng.choice(words()[rng.choice(("animal", "color", "food", "word", "sport"))]["en"]))
    return (
        rng.choice(("tool", "t", "cmd", "x", "fn", "op", "skill", "act"))
        + rng.choice(("", "_"))
        + _label(rng)
    )


def coined(rng: random.Random) -> str:
    """A pronounceable word that means nothing."""
    syllables = [rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((1, 2, 2, 2, 3)))]
    return "".join(syllables) + (rng.choice(_ENDS) if rng.random() < 0.6 or len(syllables) == 1 else "")


def _label(rng: random.Random) -> str:
    return str(rng.randint(1, 99)) if rng.random() < 0.6 else rng.choice("abcdefghkmnpqrstuvwxyz")


def snake(noun: str) -> str:
    """NOUN as a part of a name: `dog's-tail grass` is dog_tail_grass."""
    return noun.lower().replace("'s", "").replace("-", "_").replace(" ", "_")


def cut(name: str) -> str:
    """NAME, no longer than a name may be; it does not end within a gap."""
    return name[:LONGEST].strip("_")


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower().replace(" ", "_") if letter.isalnum() or letter == "_")


def shortened(rng: random.Random, name: str) -> str:
    """NAME as a hurried programmer writes it: without vowels, initials, cut, or with a prefix."""
    parts = name.split("_")
    kind = rng.randrange(4)
    if kind == 0:
        return "_".join(part[0] + "".join(c for c in part[1:] if c not in "aeiou") for part in parts)
    if kind == 1 and len(parts) > 1:
        return "".join(part[0] for part in parts[:-1]) + parts[-1]
    if kind == 2:
        return "_".join(part[:4] for part in parts)
    return f"{rng.choice(_PREFIXES)}_{name}"


def pick(rng: random.Random, fitting: Sequence[str], style: str, taken: set[str]) -> str:
    """A name in STYLE (`fitting`, `short`, `invented`) that TAKEN lacks; it is added to TAKEN."""
    name = rng.choice(fitting)
    attempt = 0
    while name in taken or (attempt == 0 and style != "fitting"):
        name = invented(rng) if style == "invented" else shortened(rng, rng.choice(fitting))
        attempt += 1
        if attempt > 12:
            name += str(attempt)
    taken.add(name)
    return name
