"""Requests for the shipped tools, made up: taught along with the lessons so that nothing else is forgotten,
and asked to see that it was not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from yanray.agent.prompt import system_prompt
from yanray.toolbox.spec import ToolSpec
from yanray.train import shipped
from yanray.train.document import Language
from yanray.train.learn.lessons import row_of

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def rows(tools: Sequence[ToolSpec], count: int, seed: int, own: str = "") -> list[dict[str, Any]]:
    """COUNT conversations of one turn in which a shipped tool among TOOLS is asked for, as the system prompt
    lists them now. own: the owner's text in place of the shipped prompt's. None where no shipped tool is
    there."""
    names = tuple(tool.name for tool in tools if tool.name in shipped.REQUESTS)
    if not names:
        return []
    rng = random.Random(seed)
    made = []
    for number in range(count):
        language = rng.choice(LANGUAGES)
        messages = shipped.request(rng, language, names).messages
        taught = [at for at, message in enumerate(messages) if message.role == "assistant"]
        system = system_prompt(tools, language=language, own=own)
        made.append(row_of(system, messages, taught, f"{seed}/{number}"))
    return made
