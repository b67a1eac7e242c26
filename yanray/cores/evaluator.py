"""What evaluates token ids on this machine: the protocol that the GGUF and the transformers core build on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from yanray.cores.ledger import Ledger

MOST_OUTPUTS = 16  # rows of logits that one evaluation may give: the longest draft, and one


class Stopped(Exception):
    """The breaker stopped an evaluation; the ledger holds what stood before it."""


class Stop(Protocol):
    """A request to stop, which may be made from a signal handler or another thread."""

    @property
    def requested(self) -> bool:
        """Whether a stop was asked for since the last `clear`."""
        ...

    def request(self) -> None:
        """Stop what runs now, as soon as it can."""
        ...

    def clear(self) -> None:
        """Forget earlier requests."""
        ...


class Evaluator(Protocol):
    """A KV cache of one conversation and its ledger, which always says what stands in it.

    size: tokens that it holds. batch: tokens that `read` takes at once.
    """

    ledger: Ledger
    size: int

    @property
    def batch(self) -> int: ...

    @property
    def breaker(self) -> Stop: ...

    def read(self, ids: Sequence[int]) -> None:
        """Evaluate IDS, at most `batch` of them; logits only for the last. Raises Stopped."""
        ...

    def step(self, token: int) -> None:
        """Evaluate one TOKEN. Raises Stopped."""
        ...

    def verify(self, ids: Sequence[int]) -> None:
        """Evaluate IDS, at most MOST_OUTPUTS, with logits for each. Raises Stopped."""
        ...

    def logits(self, rows: int = 1) -> Any:
        """The last ROWS rows of logits, float32 [rows, vocabulary], good until the next evaluation."""
        ...

    def trim(self, length: int) -> None:
        """Keep the first LENGTH ids; none when the model's state cannot be cut."""
        ...

    def state(self) -> bytearray:
        """The KV cache of the ledger's ids."""
        ...

    def restore(self, ids: Sequence[int], state: bytearray) -> bool:
        """Put STATE, the KV cache of IDS, in place of what stands. On False the cache is empty."""
        ...

    def close(self) -> None:
        """Free the cache."""
        ...


class Pieces(Protocol):
    """What a round needs to know of a vocabulary."""

    def piece(self, token: int) -> bytes:
        """The bytes that TOKEN adds to the text; control tokens add none."""
        ...

    def ends(self, token: int) -> bool:
        """Whether TOKEN ends a round."""
        ...


class Choosing(Protocol):
    """Chooses the tokens of one round, in order."""

    def choose(self, logits: Any) -> int:
        """The next token after LOGITS, float32 [vocabulary]."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...
