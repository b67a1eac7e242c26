"""The token ids that stand in a core's KV cache, and what a prompt still needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from yanray.errors import ModelError

T = TypeVar("T")


class ContextError(ModelError):
    """The conversation does not fit into the model's context. `tokens` and `context` say by how much."""

    def __init__(self, tokens: int, context: int) -> None:
        super().__init__(
            f"the conversation takes {tokens} tokens, the context holds {context}, the answer's too; "
            "shorten the conversation or raise `context` in config.yaml"
        )
        self.tokens = tokens
        self.context = context


@dataclass(frozen=True, slots=True)
class Plan:
    """How a prompt is read: `reused` ids stand, the rest are evaluated. broke: see RoundUsage."""

    reused: int
    evaluated: int
    broke: int | None


@dataclass(slots=True)
class Ledger:
    """Exactly the ids that the KV cache holds, in order."""

    ids: list[int] = field(default_factory=list)

    def plan(self, prompt: Sequence[int]) -> Plan:
        """What PROMPT needs. Its last token is always evaluated: the next token is read off it."""
        prompt = list(prompt)
        common = common_prefix(self.ids, prompt)
        broke = common if common < min(len(self.ids), len(prompt)) else None
        reused = min(common, len(prompt) - 1)
        return Plan(reused, len(prompt) - reused, broke)


def common_prefix(a: list[T], b: list[T]) -> int:
    """How many elements A and B begin with alike: slices are compared in C, so the length hardly matters."""
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
