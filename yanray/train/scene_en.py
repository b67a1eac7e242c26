"""People, things and places for English problems: a scene fills the slots of one problem's sentences."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

_TABLES = Path(__file__).parent / "tables"
_DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
_MONTHS = ("January", "March", "April", "May", "June", "August", "September", "October", "December")
_COLOURS = ("red", "blue", "green", "yellow", "white", "black", "orange", "purple", "brown", "pink")
_PLACES = (
    "the market", "the park", "the library", "the beach", "the fair", "school", "the station", "the zoo",
    "the museum", "the lake", "town", "the farm", "the village", "the harbour", "the airport", "the stadium",
)  # fmt: skip
_SHOPS = (
    "a toy shop", "a bakery", "a supermarket", "the corner store", "a bookshop", "a gift shop",
    "a market stall",
    "the school shop", "a hardware store", "a farm shop", "a kiosk", "a department store",
)  # fmt: skip
_KIN = (
    "friend",
    "sister",
    "brother",
    "cousin",
    "neighbour",
    "classmate",
    "teacher",
    "aunt",
    "uncle",
    "grandmother",
)
_PRONOUNS = {"she": ("she", "her", "her"), "he": ("he", "him", "his")}

Thing = tuple[str, str]  # singular, plural


def _pair(word: str) -> Thing:
    singular, _, plural = word.strip().partition("/")
    return singular, plural or singular + "s"


@cache
def _things() -> tuple[dict[str, list[Thing]], dict[str, list[Thing]]]:
    """Things of each kind, and for each kind the containers that hold it."""
    things: dict[str, list[Thing]] = {}
    holders: dict[str, list[Thing]] = {}
    for line in (_TABLES / "things_en.txt").read_text(encoding="utf-8").splitlines():
        kind, colon, rest = line.partition(":")
        if line.startswith(">"):
            for held in rest.split():
                holders.setdefault(held, []).append(_pair(kind[1:]))
        elif colon and not line.startswith("#"):
            things[kind] = [_pair(word) for word in rest.split(",")]
    return things, holders


@cache
def _people() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Names and roles, each with its pronoun."""
    names: list[tuple[str, str]] = []
    roles: list[tuple[str, str]] = []
    for line in (_TABLES / "people_en.txt").read_text(encoding="utf-8").splitlines():
        pronoun, _, rest = line.partition(": ")
        if "," in rest:
            roles += [(role.strip(), pronoun) for role in rest.split(",")]
        else:
            names += [(name, pronoun) for name in rest.split()]
    return names, roles


def name_like(name: str, rng: Random) -> str:
    """Another first name with NAME's pronoun, or "" when NAME is none that is known."""
    names, _ = _people()
    pronoun = dict(names).get(name)
    return (
        rng.choice([other for other, theirs in names if theirs == pronoun and other != name])
        if pronoun
        else ""
    )


def article(noun: str) -> str:
    """NOUN with `a` or `an` before it."""
    vowel = noun[0] in "aeiou" and not noun.startswith(("uni", "use", "one"))
    return f"{'an' if vowel else 'a'} {noun}"


def scene(rng: Random, use: str = "") -> dict[str, object]:
    """Slots of one problem. USE: the kinds of things, one of which all things of the scene are (empty: any).

    {A} {B} {C} are people, {he} {him} {his} belong to {A} and {Bhe} {Bhim} {Bhis} to {B}; {o} {oo} {ooo} are
    things in the plural, {o1} one of them, {ao} with its article; {boxes} {box} hold them; {kin} is kin of
    {A}.
    """
    slots: dict[str, object] = {}
    _cast(rng, slots)
    things, holders = _things()
    kinds = use.split() if use else list(things)
    kind = kinds[int(rng.random() * len(kinds))]
    for key, (one, many) in zip(("o", "oo", "ooo"), rng.sample(things[kind], 3), strict=True):
        slots[key], slots[f"{key}1"], slots[f"a{key}"] = many, one, article(one)
    one, many = rng.choice(holders[kind])
    slots["box"], slots["boxes"] = one, many
    slots["day"], slots["day2"], slots["day3"] = (
        _DAYS[(start := rng.randrange(5))],
        _DAYS[start + 1],
        _DAYS[start + 2],
    )
    slots["month"] = rng.choice(_MONTHS)
    slots["colour"], slots["colour2"], slots["colour3"] = rng.sample(_COLOURS, 3)
    slots["place"], slots["place2"] = rng.sample(_PLACES, 2)
    slots["shop"] = rng.choice(_SHOPS)
    return slots


def _cast(rng: Random, slots: dict[str, object]) -> None:
    names, roles = _people()
    cast = rng.sample(names, 3)
    if rng.random() < 0.15:
        cast[0] = rng.choice(roles)
    for key, (name, pronoun) in zip(("", "B", "C"), cast, strict=True):
        he, him, his = _PRONOUNS[pronoun]
        slots[key or "A"] = name
        slots[f"{key}he"], slots[f"{key}him"], slots[f"{key}his"] = he, him, his
    slots["kin"] = rng.choice(_KIN)
