"""Guards of one turn: against calls that repeat, and numbers that come from nowhere or come out wrong.

They are string work and know nothing of the core. What a guard has to say goes to the model as a result, and
to the user as a notice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from yanray.events import Call, Notice
from yanray.messages import Message

CALCULATORS = frozenset({"calculate"})

NUMBER = re.compile(r"(?<![\w.])\d+(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
WIDE_DIGITS = str.maketrans("０１２３４５６７８９．，", "0123456789.,")
# A number written as a word, or with a unit in its middle (4块5 is 4.5), can stand for any figure, so then
# the first number guard stays silent.
WORDS = re.compile(
    r"[二两三四五六七八九十百千万亿半倍双折]|\d\s*[km]\b|\d\s*[块元毛角点]\s*\d|\b(?:half|twice|double|triple|dozen|quarter|third|score|couple|percent|"
    r"(?:thir|four|fif|six|seven|eigh|nine)(?:teen|ty)|twenty|forty|hundred|thousand|[mb]illion|eleven|twelve|"
    r"two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)
# Numbers that an expression may bring along: small ones, and what units and percentages are made of.
FAMILIAR = {Decimal(n) for n in (*range(13), 24, 28, 30, 31, 32, 52, 60, 90, 180, 360, 365, 366, 3600, 86400)}
CLOSE = Decimal("0.05")  # relative distance within which an answer's number is a misquoted result


@dataclass(frozen=True, slots=True)
class Held:
    """A call that is not run. text: what the model reads instead; ok: whether that is a true result."""

    text: str
    ok: bool
    notice: Notice
    shown: bool = (
        True  # whether the call and this result are events; the first number guard asks anew instead
    )


@dataclass(slots=True)
class Guards:
    """What a turn remembers of its calls. `answer_now`: the next round must be the last one."""

    answer_now: bool = False
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _memory: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    _asked: bool = False
    _figures: list[str] = field(default_factory=list)

    def before(self, call: Call, said: Sequence[Message]) -> Held | None:
        """Whether CALL must not run. said: the conversation so far, without the system prompt and the call
        itself.
        """
        if call.name in CALCULATORS and not self._asked and (strange := strangers(call.argument, said)):
            self._asked = True
            named = ", ".join(strange)
            text = f"{named} stands nowhere in the conversation. Write the command again with its numbers."
            notice = Notice(
                "numbers", f"/{call.name} {call.argument}: {named} stands nowhere in the conversation"
            )
            return Held(text, False, notice, shown=False)
        return self._repeated(call)

    def after(self, call: Call, text: str, *, ok: bool, changes: bool) -> None:
        """Remember what CALL gave. changes: it had side effects, so other calls may give something new."""
        signature = _signature(call)
        if changes and ok:
            self._counts = Counter({signature: self._counts[signature]})
            self._memory.clear()
        self._memory[signature] = (text, ok)
        if ok and call.name in CALCULATORS:
            self._figures.append(text)

    def misquoted(self, answer: str, said: Sequence[Message]) -> Notice | None:
        """A notice with the exact result when ANSWER has a number close to but unlike it."""
        results = [value for text in self._figures for value in numbers(text)]
        for value in numbers(answer) if results else ():
            if value in results:
                continue
            for result in results:
                if _near(value, result) and not _rounded(value, result) and not _stands(value, said):
                    return Notice("result", f"the exact result is {_figure(self._figures, result)}")
        return None

    def _repeated(self, call: Call) -> Held | None:
        signature = _signature(call)
        self._counts[signature] += 1
        if self._counts[signature] == 1 or signature not in self._memory:
            return None
        text, ok = self._memory[signature]
        if self._counts[signature] == 2:
            return Held(
                text, ok, Notice("repeat", f"/{call.name} was called like this before; it was not run again")
            )
        self.answer_now = True
        text = f"You have this result already: {text}\nAnswer now, without a command."
        return Held(
            text, ok, Notice("repeat", f"/{call.name} was called over and over; the answer was asked for")
        )


def numbers(text: str) -> Iterator[Decimal]:
    """The unsigned numbers in TEXT, whatever digits and thousands separators it uses."""
    for match in NUMBER.finditer(text.translate(WIDE_DIGITS)):
        try:
            yield Decimal(re.sub("[,，]", "", match[0]))
        except InvalidOperation:  # digits that are no decimal digits: ², ①
            continue


def strangers(argument: str, said: Sequence[Message]) -> list[str]:
    """The numbers of ARGUMENT that stand nowhere in SAID and are not of the common ones."""
    left = [value for value in numbers(argument) if value not in FAMILIAR and not _round_figure(value)]
    for message in reversed(said):  # most come from the question at hand
        if not left or (message.role == "user" and WORDS.search(message.content)):
            return []
        known = {form for value in numbers(message.content) for form in (value, value / 100, value * 100)}
        left = [value for value in left if value not in known]
    return [f"{value:f}" for value in left]


def _stands(value: Decimal, said: Sequence[Message]) -> bool:
    """Whether VALUE is a number of SAID."""
    return any(value in numbers(message.content) for message in reversed(said))


def _round_figure(value: Decimal) -> bool:
    """Whether VALUE is a power of ten or close kin of one (0.01, 100, 1000)."""
    digits = value.normalize().as_tuple().digits
    return digits == (1,)


def _signature(call: Call) -> tuple[str, str]:
    return call.name, " ".join(call.argument.split())


def _near(value: Decimal, result: Decimal) -> bool:
    return result != 0 and abs(value - result) <= abs(result) * CLOSE


def _rounded(value: Decimal, result: Decimal) -> bool:
    """Whether VALUE is RESULT rounded, or cut, to the places or digits that VALUE shows."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Decimal(1).scaleb(exponent)
    return abs(value - result) < unit


def _figure(texts: list[str], result: Decimal) -> str:
    """The line of the results in which RESULT stands."""
    lines = (line for text in texts for line in text.splitlines())
    return next(line for line in lines if result in set(numbers(line)))
