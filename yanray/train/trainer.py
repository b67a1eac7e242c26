"""The training loop: steps, what is printed, checkpoints, and the early look that stops a run gone wrong."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from yanray.errors import DataError
from yanray.train.attention import choose_attention
from yanray.train.batches import Batch, Batches, OnDevice, to_device
from yanray.train.log import Log
from yanray.train.model import EMBEDDING, LAST_NORM, Shape, Tensor, block, hidden_states, token_losses
from yanray.train.optim import Optimizer
from yanray.train.packing import KIND_SHIFT
from yanray.train.plan import Plan
from yanray.train.ranks import Ranks
from yanray.train.render import SPOKEN, TEXT
from yanray.train.stages import rate, stage_index
from yanray.train.weights import save_checkpoint

LOOK = 20  # the step at which a training that does not learn is stopped
TELL_EVERY = 10  # steps between rank 0's words on time
SAY_EVERY = 10.0  # seconds
SAVE_EVERY = 120.0  # seconds


@dataclass
class Position:
    """Where a training stands. `taken`: for each rank, the feed's block counters; they hold under `layout`
    only.
    """

    step: int = 0
    tokens: int = 0
    fraction: float = 0.0
    taken: list[tuple[int, ...]] = field(default_factory=list)
    layout: str = ""


@dataclass
class Engine:
    """The model on its device, and how it is run there."""

    weights: dict[str, Tensor]
    shape: Shape
    ranks: Ranks
    row: int

    def __post_init__(self) -> None:
        device = self.ranks.device
        gpu = device.type == "cuda"
        self.dtype = torch.bfloat16 if gpu else torch.float32
        self.attend, self.attention = choose_attention(self.shape, device, self.dtype)
        self.weights = {name: w.to(device).requires_grad_() for name, w in self.weights.items()}
        self.run_block: Callable[..., Tensor] = torch.compile(block) if gpu else block
        self.run_losses: Callable[..., Tensor] = torch.compile(token_losses) if gpu else token_losses

    def losses(self, batch: OnDevice) -> Tensor:
        """Cross entropy of each target, float32 [tokens]."""
        if batch.borders.is_cuda:  # every batch has its own number of documents: compile for any
            torch._dynamo.maybe_mark_dynamic(batch.borders, 0)
        x = hidden_states(
            self.weights, batch.ids, batch.positions, batch.borders, self.row, self.shape,
            attend=self.attend, dtype=self.dtype, run_block=self.run_block,
        )  # fmt: skip
        return self.run_losses(x, self.weights[LAST_NORM], self.weights[EMBEDDING], batch.targets)


class Trainer:
    """Trains ENGINE's weights on BATCHES by PLAN; `position` says where it stands."""

    def __init__(
        self, engine: Engine, optimizer: Optimizer, batches: Batches, plan: Plan, position: Position,
        log: Log, checkpoint: Path, kinds: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.engine, self.optimizer, self.batches = engine, optimizer, batches
        self.plan, self.position, self.log = plan, position, log
        self.checkpoint, self.kinds = checkpoint, kinds
        self.ranks = engine.ranks
        self.fresh = position.step == 0
        self.taken = tuple(batches.feed.taken)
        self.steps = 0  # of this attempt
        self.first_loss = math.nan
        self.said = self.saved = time.monotonic()
        self.said_tokens = position.tokens

    def run(self) -> None:
        """Step until the plan's attempt is over; the checkpoint is written at the end and on the way."""
        position = self.position
        while not self.plan.over(position.fraction):
            batch = self.batches.next()
            on_device = to_device(batch, self.ranks.device)
            losses = self._step(on_device)
            self._advance(batch)
            self._watch(batch, on_device, losses)
        self.save()

    def _step(self, batch: OnDevice) -> Tensor:
        losses = self.engine.losses(batch)
        ((losses * batch.weights).sum() / batch.weights.sum().clamp(min=1e-6)).backward()
        self.ranks.average([w.grad for w in self.engine.weights.values()])
        self.optimizer.clip()
        self.optimizer.step(rate(self.position.fraction))
        return losses.detach()

    def _advance(self, batch: Batch) -> None:
        position = self.position
        position.step += 1
        self.steps += 1
        position.tokens += len(batch.ids) * self.ranks.world
        self.taken = batch.taken
        if self.plan.tokens:
            position.fraction = self.plan.fraction(position.tokens)

    def _watch(self, batch: Batch, on_device: OnDevice, losses: Tensor) -> None:
        if self.steps in (1, LOOK):
            self._look(on_device, losses)
        if self.steps == 3:  # compiled by now, forwards and backwards
            self._synchronize()
            self.plan.begin()
            self.said, self.said_tokens = time.monotonic(), self.position.tokens
        if self.steps % TELL_EVERY == 0:
            self._tell()
        if time.monotonic() - self.said > SAY_EVERY:
            self._say(batch, on_device, losses)

    def _tell(self) -> None:
        due = time.monotonic() - self.saved > SAVE_EVERY
        fraction, save = self.ranks.tell([self.plan.fraction(self.position.tokens), float(due)])
        self.position.fraction = fraction
        self.batches.feed.fraction.value = fraction
        if save:
            self.save()

    def _look(self, batch: OnDevice, losses: Tensor) -> None:
        loss = float((losses * batch.weights).sum() / batch.weights.sum())
        self.log.note(f"step {self.position.step}: loss {loss:.3f}", step=self.position.step, loss=loss)
        if self.steps == 1:
            self.first_loss = loss
            return
        bound = self.first_loss if self.fresh else self.first_loss + 1.0
        if not loss < bound:
            raise DataError(
                f"The loss went from {self.first_loss:.3f} to {loss:.3f} in {LOOK} steps, so this ends here."
                " Lower --matrix-rate, or look at the rows with --show."
            )

    def _say(self, batch: Batch, on_device: OnDevice, losses: Tensor) -> None:
        by_kind = losses_by_kind(losses, on_device.meta, self.kinds)
        now, position = time.monotonic(), self.position
        speed = (position.tokens - self.said_tokens) / (now - self.said)
        self.said, self.said_tokens = now, position.tokens
        share, recipe = rate(position.fraction), self.batches.feed.recipe
        feed = feed_report(batch.totals, recipe.block_rows * recipe.row)
        kinds = " ".join(f"{kind} {loss:.3f}" for kind, loss in by_kind.items())
        self.log.note(
            f"{position.fraction:6.1%} step {position.step} stage {stage_index(position.fraction)}"
            f" rate {share:.3f} {speed / 1e3:,.0f}k tok/s | {kinds} | {feed}",
            step=position.step, tokens=position.tokens, fraction=position.fraction, rate=share,
            tokens_per_second=speed, losses=by_kind, feed=batch.totals,
        )  # fmt: skip
        if not all(math.isfinite(loss) for loss in by_kind.values()):
            raise DataError(
                f"The loss is no number at step {position.step}:"
                " go on from the last checkpoint with a lower --matrix-rate."
            )

    def _synchronize(self) -> None:
        if self.ranks.device.type == "cuda":
            torch.cuda.synchronize()

    def save(self) -> None:
        """Write the checkpoint; every rank must come here."""
        position = self.position
        position.taken = self.ranks.gather(self.taken)
        position.layout = self.batches.feed.recipe.layout
        if self.ranks.rank == 0:
            state = {
                "shape": self.engine.shape.as_dict(),
                "weights": {name: w.detach() for name, w in self.engine.weights.items()},
                "optimizer": self.optimizer.state(),
                "position": vars(position),
            }
            save_checkpoint(self.checkpoint, state)
            self.log.say(
                f"checkpoint at {position.fraction:.1%}, {position.tokens:,} tokens: {self.checkpoint}"
            )
        self.ranks.wait()
        self.saved = time.monotonic()


def losses_by_kind(losses: Tensor, meta: Tensor, kinds: tuple[str, ...]) -> dict[str, float]:
    """Mean loss for each kind, over what the model has to say (of text: over all of it)."""
    known = meta.long()
    counted = ((known & 3) == SPOKEN) | ((known & 3) == TEXT)
    index = known >> KIND_SHIFT
    zeros = torch.zeros(len(kinds), device=losses.device)
    sums = zeros.index_add(0, index[counted], losses[counted].float())
    sizes = zeros.index_add(0, index[counted], torch.ones_like(losses[counted]))
    rows = zip(kinds, sums.tolist(), sizes.tolist(), strict=True)
    return {kind: total / size for kind, total, size in rows if size}


def feed_report(totals: dict[str, int], block: int) -> str:
    """What the feed has done so far, for the end of a log line. BLOCK: tokens of a block."""
    count = {"fresh": 0, "again": 0, "waits": 0, "longest": 0} | totals
    documents, tokens = max(count.get("documents", 0), 1), max(count["fresh"] * block, 1)
    mean, dropped = (count.get(name, 0) / documents for name in ("document_tokens", "dropped"))
    padding, spoken = (count.get(name, 0) / tokens for name in ("padding", "spoken"))
    return (
        f"documents mean {mean:.0f} longest {count['longest']} dropped {dropped:.2%}"
        f" faults {count.get('faults', 0)},"
        f" padding {padding:.2%}, to say {spoken:.1%},"
        f" blocks fresh {count['fresh']} again {count['again']} waits {count['waits']}"
    )
