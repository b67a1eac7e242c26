"""When Ctrl-C is looked for from Python inside an evaluation: always while a prompt is read, and between
single tokens only where they take long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from tiny_models import OpenCore

from yanray.cores.gguf_context import LONG, GgufContext
from yanray.cores.interrupt import Breaker


@dataclass
class Clock:
    """Says that each step took TAKES seconds."""

    takes: float = 0.0
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.takes
        return self.now


class Asked(Breaker):
    """Counts how often llama.cpp asks through Python."""

    times = 0

    @property
    def requested(self) -> bool:
        self.times += 1
        return super().requested


class Watch:
    """A context that has read one token, its clock, and whether an evaluation asks."""

    def __init__(self, open_core: OpenCore, *, slow: bool) -> None:
        core = open_core("nano")
        self.clock = Clock()
        self.context = GgufContext(core._model, replace(core.plan, slow=slow), self.clock)
        self.context.breaker = self.breaker = Asked()
        self.context.read([5])

    def asks(self, evaluate: Callable[[], None]) -> bool:
        before = self.breaker.times
        evaluate()
        return self.breaker.times > before

    def steps(self, *seconds: float) -> list[bool]:
        """Whether steps of so many SECONDS ask."""
        found = []
        for self.clock.takes in seconds:
            found.append(self.asks(lambda: self.context.step(6)))
        return found


@pytest.fixture
def watch(open_core: OpenCore) -> Iterator[Callable[[bool], Watch]]:
    made: list[Watch] = []

    def make(slow: bool) -> Watch:
        made.append(Watch(open_core, slow=slow))
        return made[-1]

    yield make
    for each in made:
        each.context.close()


def test_a_token_asks_where_the_one_before_it_took_long(watch: Callable[[bool], Watch]) -> None:
    fast, long = LONG / 2, LONG * 2
    assert watch(True).steps(long, long, fast, fast, long, fast, fast) == [
        True,  # nothing is known yet
        True,
        True,
        False,
        False,
        True,
        False,
    ]


def test_a_small_model_s_tokens_never_ask(watch: Callable[[bool], Watch]) -> None:
    assert watch(False).steps(LONG * 2, LONG * 2, LONG / 2) == [False] * 3


@pytest.mark.parametrize("slow", [True, False])
def test_reading_always_asks_and_a_draft_where_tokens_may_take_long(
    watch: Callable[[bool], Watch], slow: bool
) -> None:
    made = watch(slow)
    made.steps(LONG / 2, LONG / 2)
    assert made.asks(lambda: made.context.read([7, 8]))
    assert made.asks(lambda: made.context.verify([7, 8])) is slow
    assert made.steps(LONG / 2) == [False]
