"""The protocol that every chat core keeps, and the values that go in and out of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from yanray.events import Notice, Progress, RoundUsage
from yanray.messages import Message


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. temperature 0 is greedy: then nothing else matters but the last two.

    call_bias: added to the logit of `/` where an answer to the user begins and tools are there, so that a
    model calls more readily (or less, below 0); `auto`: what the model's file says, else 0. A core on a
    server has no part in it.
    """

    temperature: float = 0.0
    top_p: float = 0.95
    top_k: int = 40
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    seed: int = 0
    max_tokens: int = 1024
    call_bias: float | Literal["auto"] = "auto"


@dataclass(frozen=True, slots=True)
class CommandGrammar:
    """What a line that begins with `/` may be: one of these commands. Prose is not held but by `answer`.

    commands: tool name -> GBNF of everything that may follow the name up to (not including) the line's end,
    e.g. {"calculate": '" " [^\\\\n]+'}.
    answer: a JSON schema, as JSON, that the whole round keeps, in which there are no commands then; "" for
    none. A core that cannot hold it raises ModelError.
    """

    commands: dict[str, str] = field(default_factory=dict)
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Lora:
    """A LoRA adapter that PEFT wrote.

    weights: its safetensors. alpha, root: its strength is alpha / rank, or alpha / sqrt(rank) where `root`.
    norm: how the last norm of the model that it was trained on begins, () when nobody says. scale: times its
    strength. base: that model's name, "" when nobody says.
    """

    name: str
    weights: Path
    alpha: float
    root: bool = False
    norm: tuple[float, ...] = ()
    scale: float = 1.0
    base: str = ""

    def at(self, scale: float) -> Lora:
        """The same at another SCALE."""
        return replace(self, scale=scale)


@dataclass(frozen=True, slots=True)
class Finish:
    """How a round ended: `stop` (by the model), `length`, or `closed` (the reader closed the stream)."""

    reason: Literal["stop", "length", "closed"]
    ids: tuple[int, ...]
    usage: RoundUsage


Piece: TypeAlias = str | Progress


class ChatCore(Protocol):
    """A loaded chat model that streams text.

    `stream` yields whole characters (a UTF-8 sequence is never split) and may be closed at any time, in
    prefill too. After a close, `finish` holds what `stream` would have returned.
    """

    name: str
    identity: str  # changes whenever token ids or their meaning do: model file, tokenizer, template
    context: int  # tokens
    names_calls: bool  # the model may begin a round with a tool's name on a line of its own, to call it
    finish: Finish | None

    def count(self, text: str) -> int:
        """Tokens of TEXT as content."""
        ...

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens that MESSAGES take when rendered for the next round."""
        ...

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, *, grammar: CommandGrammar | None = None
    ) -> Generator[Piece, None, Finish]:
        """Evaluate what the ledger lacks, then generate one round."""
        ...

    def record(self, length: int) -> tuple[int, ...]:
        """The ids of the first LENGTH characters of the last round; the KV cache then ends with them.

        A token that holds the border counts whole.
        """
        ...

    def warm(self, messages: Sequence[Message]) -> Generator[Progress, None, int]:
        """Read what every conversation that begins with MESSAGES begins with, and keep it on disk if there is
        a place for it; how many tokens that is."""
        ...

    def save_state(self, name: str) -> bool:
        """Keep on disk, under NAME, what has been read; False when there is nowhere or nothing."""
        ...

    def restore_state(self, name: str) -> int:
        """Put back what was kept under NAME; how many tokens stand then, 0 when it could not be used."""
        ...

    def adapt(self, adapters: Sequence[Lora]) -> None:
        """Answer with ADAPTERS on the model's weights from now on, and no others; all that was read is stale.

        Raises ModelError when one does not fit, and then nothing has changed.
        """
        ...

    def cancel(self) -> None:
        """End the running stream soon, in prefill too; legal in a signal handler and from another thread."""
        ...

    def take_notices(self) -> list[Notice]:
        """What the user should know since the last call, such as a saved state that could not be used."""
        ...

    def close(self) -> None:
        """Free the model."""
        ...
