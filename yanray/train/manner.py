"""How people write: politeness before and after, small letters, missing stops."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from yanray.train.concepts import fill
from yanray.train.document import Language

_BEFORE = {
    "en": ("hey, ", "hi, ", "ok, ", "so, ", "yanray, ", "quick one: ", "um, ", "right, "),
    "zh": ("请问，", "麻烦一下，", "你好，", "嗨，", "那个，", "Yanray，", "问一下，"),
}
_AFTER = {
    "en": (" please", " thanks", ", please", " pls", ", thank you", " now"),
    "zh": ("，谢谢", "，多谢", "，麻烦了"),
}
_GREETED = ("please", "hey", "hi", "ok", "so", "um", "请", "麻烦", "你好", "嗨", "那个")


def _same(text: str) -> str:
    return text


def sentence(template: str, values: Mapping[str, str]) -> str:
    """TEMPLATE filled; a plain word that a slot put at its beginning gets a capital letter."""
    text = fill(template, dict(values))
    begins = template[:1] == "{" and text.split(maxsplit=1)[0].rstrip(",:.").isalpha()
    return text[0].upper() + text[1:] if begins else text


def loosen(rng: random.Random, text: str, language: Language) -> tuple[str, Callable[[str], str]]:
    """TEXT as somebody might type it, and what happened to the letters of any value in it."""
    change: Callable[[str], str] = _same
    if language == "en" and rng.random() < 0.22:
        text, change = text.lower(), str.lower
    if rng.random() < 0.2:
        text = text.rstrip("?.!？。！") or text
    kind = rng.random()
    if kind < 0.06 and not text.lower().startswith(_GREETED):
        text = rng.choice(_BEFORE[language]) + text
    elif kind < 0.12 and text[-1:].isalnum() and not text.lower().endswith(("please", "thanks")):
        text += rng.choice(_AFTER[language])
    return text, change
