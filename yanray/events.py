"""What happens in a turn, as values: everything that shows, logs, counts or tests a turn reads these.

An event is immutable. `Event` is their union; match on the class.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

EndReason: TypeAlias = Literal["stop", "length", "rounds", "cancelled"]


@dataclass(frozen=True, slots=True)
class Text:
    """Text to show, in order, at once."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A command that will run. `raw` is exactly what was generated; `name` and `argument` are what runs."""

    name: str
    argument: str
    raw: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back, or why it did not: `ok` is False when `text` is an error."""

    call: Call
    text: str
    ok: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know: context folded, a call mended, a repeat stopped.

    kind: one short word with dashes, stable, for programs; text: one sentence for people.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Work that shows no text yet: loading a model, reading a prompt. Counts are in the phase's own unit."""

    phase: Literal["load", "read"]
    done: int
    total: int
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class RoundUsage:
    """Tokens of one round; prompt_tokens = reused_tokens + evaluated_tokens. Times in seconds.

    `broke` says which token ended the reuse: the index of the first prompt token that did not stand in the
    KV cache although another one did, or None when everything that stood there was reused. `broke_text` is
    its text.
    """

    prompt_tokens: int
    reused_tokens: int
    evaluated_tokens: int
    generated_tokens: int
    prefill_seconds: float = 0.0
    decode_seconds: float = 0.0
    broke: int | None = None
    broke_text: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of a whole turn; times in seconds."""

    rounds: tuple[RoundUsage, ...] = ()
    load_seconds: float = 0.0
    tool_seconds: float = 0.0

    @property
    def prefill_seconds(self) -> float:
        """Seconds spent reading prompts, over all rounds."""
        return sum(r.prefill_seconds for r in self.rounds)

    @property
    def decode_seconds(self) -> float:
        """Seconds spent generating, over all rounds."""
        return sum(r.decode_seconds for r in self.rounds)


@dataclass(frozen=True, slots=True)
class End:
    """The turn is over."""

    reason: EndReason
    usage: Usage = field(default_factory=Usage)


Event: TypeAlias = Text | Call | Result | Notice | Progress | End
