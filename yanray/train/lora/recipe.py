"""How an adapter is trained: every number that decides the outcome, in one place, kept beside the adapter."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from yanray.errors import UsageError

Optimizer: TypeAlias = Literal["auto", "adamw", "adamw8bit"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train.

    rank, alpha, dropout: LoRA's; the adapter's effect is scaled by alpha / rank.
    targets:       `all` linear layers inside the blocks, `attention` alone, or names with commas.
    rate, warmup:  the highest learning rate, and the share of the steps over which it rises to that; from
                   there it falls to zero along a cosine.
    decay, clip:   weight decay of AdamW; largest norm of a step's gradient.
    epochs:        how often each example is seen.
    tokens:        of a row; several examples share a row, a longer one is left out. 0: not decided yet.
    accumulate:    rows of a step, over all GPUs.
    checkpointing: activations are worked out again on the way back: less memory, a third more work.
    optimizer:     `adamw`, `adamw8bit` (bitsandbytes, paged on a GPU), or `auto`: the latter on a GPU whose
                   base is quantized.
    save_every:    steps between two checkpoints.
    """

    rank: int = 16
    alpha: float = 32.0
    dropout: float = 0.05
    targets: str = "all"
    rate: float = 2e-4
    warmup: float = 0.05
    decay: float = 0.0
    clip: float = 1.0
    epochs: int = 2
    tokens: int = 1024
    accumulate: int = 4
    checkpointing: bool = True
    optimizer: Optimizer = "auto"
    seed: int = 1
    save_every: int = 50

    def __post_init__(self) -> None:
        for name in ("rank", "alpha", "rate", "epochs", "accumulate", "save_every", "clip"):
            if getattr(self, name) <= 0:
                raise UsageError(f"{name} is {getattr(self, name)}: must be more than 0")
        if not 0 <= self.dropout < 1 or not 0 <= self.warmup <= 1:
            raise UsageError("dropout must be in 0 <= p < 1 and warmup a share from 0 to 1")
        if self.tokens and self.tokens < 2:
            raise UsageError(
                f"tokens is {self.tokens}: a row holds at least 2, the second learnt from the first"
            )

    def rate_at(self, step: int, steps: int) -> float:
        """The learning rate of STEP (from 0) of STEPS: up in a line, down along half a cosine."""
        rising = min(steps, math.ceil(self.warmup * steps))
        if step < rising:
            return self.rate * (step + 1) / rising
        return self.rate * 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))

    def as_dict(self) -> dict[str, Any]:
        """The recipe for a file."""
        return asdict(self)
