"""Talk without a tool: greetings, thanks, who are you, what can you do."""

from __future__ import annotations

import random
from collections.abc import Sequence

from yanray.toolbox.spec import ToolSpec
from yanray.train import answers
from yanray.train.document import Exchange, Language, said

_ABLE = {
    "en": ("what can you do?", "what can you help me with", "help", "what are your tools?", "what do you do"),
    "zh": ("你能做什么？", "你会什么", "帮助", "你有哪些工具", "你可以帮我做什么"),
}


def exchange(rng: random.Random, language: Language, specs: Sequence[ToolSpec]) -> Exchange:
    """One turn of talk under a list of tools."""
    return said(rng.choice(_ABLE[language]), answers.able(rng, language, specs))
