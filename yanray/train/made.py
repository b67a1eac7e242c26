"""What the makers of `school` and `algebra` give: one sum, with its numbers still apart from its words."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple


class Made(NamedTuple):
    """The slots of a request, the line for the calculator, what it prints."""

    slots: dict[str, str]
    line: str
    answer: str


Maker = Callable[[Random, str], Made]
