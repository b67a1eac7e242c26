"""The training of an adapter: rows in, steps out. Needs torch, transformers, peft; of Yanray little more than
its errors.

The loss of a step is the cross entropy summed over its taught tokens, on all GPUs, over their number. Random
choices (dropout) follow from the seed and the step alone. So a training that was killed and resumed from its
checkpoint goes on as if nothing had happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from yanray.errors import DataError
from yanray.train.lora.attach import quantized, trained
from yanray.train.lora.packing import Batch, Tensor
from yanray.train.lora.recipe import Recipe
from yanray.train.ranks import Ranks
from yanray.train.weights import load_checkpoint, save_checkpoint

Rows = Callable[[int], Sequence[Batch]]


@dataclass(frozen=True, slots=True)
class Step:
    """What one step came to. step: from 1. loss: mean over its taught tokens; rate: learning rate; norm: of
    the gradient, before clipping; tokens: evaluated on all GPUs; seconds: it took."""

    step: int
    loss: float
    rate: float
    norm: float
    tokens: int
    seconds: float


class Trainer:
    """Trains MODEL (of `attach`) for STEPS steps.

    rows: gives the batches of a step, from 0, of all ranks; this rank works on its share of them.
    checkpoint: the file that is written every `recipe.save_every` steps and at the end; None: none.
    print_of: tells this training from others, by name; a checkpoint of another one is refused.
    """

    def __init__(
        self, model: Any, rows: Rows, steps: int, recipe: Recipe, *,
        ranks: Ranks | None = None, checkpoint: Path | None = None, print_of: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        device = next(model.parameters()).device
        self.model, self.rows, self.steps, self.recipe = model, rows, steps, recipe
        self.ranks = ranks or Ranks(0, 1, device)
        self.device = device
        self.checkpoint, self.print_of = checkpoint, dict(print_of or {})
        self.weights = trained(model)
        self.optimizer = make_optimizer(self.weights, recipe, device, small=quantized(model))
        half = model.dtype == torch.float16 and device.type == "cuda"
        self.scaler = torch.amp.GradScaler("cuda", enabled=half)  # small gradients vanish in float16
        self.done = 0

    def resume(self) -> int:
        """Take up the checkpoint; the step reached. Raises DataError when it is of another training."""
        assert self.checkpoint is not None
        state = read_checkpoint(self.checkpoint, self.print_of)
        with torch.no_grad():
            for weight, stored in zip(self.weights, state["weights"], strict=True):
                weight.copy_(stored)
        self.optimizer.load_state_dict(state["optimizer"])
        self.scaler.load_state_dict(state["scaler"])
        self.done = int(state["step"])
        return self.done

    def run(self) -> Iterator[Step]:
        """The steps that are left, one by one; each is over when it is yielded."""
        while self.done < self.steps:
            started = time.perf_counter()
            step = self._step(started)
            self.done += 1
            yield step
            # After whoever takes the step has written it down: a checkpoint is never ahead of the log.
            if self.done % self.recipe.save_every == 0 or self.done == self.steps:
                self._save()

    def _step(self, started: float) -> Step:
        every = self.rows(self.done)
        taught = sum(len(each.targets) for each in every)
        torch.manual_seed((self.recipe.seed << 32) + self.done * self.ranks.world + self.ranks.rank)
        rate = self.recipe.rate_at(self.done, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        total = torch.zeros((), device=self.device)
        for each in every[self.ranks.rank :: self.ranks.world]:
            loss = self._losses(each.to(self.device)) / max(1, taught)
            self.scaler.scale(loss).backward()
            total += loss.detach()
        total, norm = self._update(total)
        tokens = sum(each.ids.numel() for each in every)
        return Step(self.done + 1, float(total), rate, float(norm), tokens, time.perf_counter() - started)

    def _losses(self, batch: Batch) -> Tensor:
        """Sum of the cross entropies of BATCH's targets; logits are made where a token is taught, and nowhere
        else."""
        found = logits(self.model, batch, batch.keep)
        return F.cross_entropy(found.float(), batch.targets, reduction="sum")

    def _update(self, total: Tensor) -> tuple[Tensor, Tensor]:
        """Move the weights; the loss and the gradient's norm over all ranks."""
        shares = [total.reshape(1), *(_gradient(weight) for weight in self.weights)]
        self.ranks.average(shares)
        for share in shares if self.ranks.world > 1 else ():
            share *= self.ranks.world  # they add up to the step's
        self.scaler.unscale_(self.optimizer)
        norm = torch.nn.utils.clip_grad_norm_(self.weights, self.recipe.clip)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        return shares[0], norm

    def _save(self) -> None:
        if self.checkpoint is None or self.ranks.rank:
            return
        state = {
            "print_of": self.print_of,
            "step": self.done,
            "weights": [weight.detach().cpu() for weight in self.weights],
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
        }
        save_checkpoint(self.checkpoint, state)


def read_checkpoint(path: Path, print_of: Mapping[str, Any]) -> dict[str, Any]:
    """The checkpoint at PATH. Raises DataError when there is none, or it is of a training of another
    PRINT_OF."""
    state = load_checkpoint(path)
    stored = state["print_of"]
    other = [name for name in {**stored, **print_of} if stored.get(name) != print_of.get(name)]
    if other:
        # Digests say nothing to anybody; a setting says what to type.
        told = [f"{n} {stored[n]}" if isinstance(stored.get(n), int | float) else f"other {n}" for n in other]
        raise DataError(f"{path}: is of a training with {', '.join(told)}; give that again, or another --out")
    return state


def logits(model: Any, batch: Batch, keep: Tensor | int = 0) -> Tensor:
    """What MODEL says after each token of BATCH, or after those at KEEP. Without a cache: with one,
    transformers does not look for the borders of examples."""
    mask = None
    if batch.sees is not None:
        hidden = torch.full(batch.sees.shape, torch.finfo(model.dtype).min, dtype=model.dtype)
        mask = hidden.to(batch.ids.device).masked_fill(batch.sees, 0)[None, None]
    return model(
        input_ids=batch.ids,
        position_ids=batch.positions,
        attention_mask=mask,
        logits_to_keep=keep,
        use_cache=False,
    ).logits[0]


def make_optimizer(weights: Sequence[Tensor], recipe: Recipe, device: Any, *, small: bool) -> Any:
    """AdamW on WEIGHTS: PyTorch's, or bitsandbytes' with 8-bit moments, which may be paged out to the
    computer's memory. small: memory is short, so `auto` means the latter on a GPU."""
    options = {"lr": recipe.rate, "weight_decay": recipe.decay, "betas": (0.9, 0.999)}
    gpu = device.type == "cuda"
    if recipe.optimizer == "adamw" or (recipe.optimizer == "auto" and not (gpu and small)):
        return torch.optim.AdamW(weights, **options)
    try:
        from bitsandbytes.optim import AdamW8bit, PagedAdamW8bit
    except ImportError:
        raise DataError(
            "adamw8bit needs bitsandbytes; pip install 'yanray[train]', or choose adamw"
        ) from None
    return (PagedAdamW8bit if gpu else AdamW8bit)(weights, **options)


def _gradient(weight: Tensor) -> Tensor:
    """The gradient of WEIGHT, zeros when no row of this rank had one."""
    if weight.grad is None:
        weight.grad = torch.zeros_like(weight)
    return weight.grad
