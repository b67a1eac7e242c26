"""Muon for the matrices, AdamW for the embedding and the norms.

Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/): the momentum of a matrix is replaced
by the nearest orthogonal matrix, found by five Newton-Schulz steps. Matrices of one shape are worked
together.
"""

from __future__ import annotations

from typing import Any

import torch

from yanray.train.model import EMBEDDING, Tensor

MATRIX_RATE = 0.02
OTHER_RATE = 3e-3
MOMENTUM = 0.95
DECAY = 0.01  # of matrices, per step and unit of learning rate
CLIP = 1.0  # norm of the whole gradient
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonal(batch: Tensor, steps: int = 5) -> Tensor:
    """Each matrix of BATCH [n, rows, columns] with all its singular values near 1, in BATCH's type."""
    a, b, c = NEWTON_SCHULZ
    x = batch.to(torch.bfloat16 if batch.is_cuda else torch.float32)
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).to(batch.dtype)


class Optimizer:
    """Moves WEIGHTS by their gradients; `step(rate)` takes the learning rate as a share of its peak."""

    def __init__(self, weights: dict[str, Tensor], *, matrix_rate: float = MATRIX_RATE) -> None:
        self.weights = weights
        self.matrix_rate = matrix_rate
        matrices = [name for name, w in weights.items() if w.ndim == 2 and name != EMBEDDING]
        self.groups: dict[tuple[int, ...], list[str]] = {}
        for name in matrices:
            self.groups.setdefault(tuple(weights[name].shape), []).append(name)
        self.momenta = {
            shape: torch.zeros((len(names), *shape), device=weights[names[0]].device)
            for shape, names in self.groups.items()
        }
        others = [w for name, w in weights.items() if name not in set(matrices)]
        self.adam = torch.optim.AdamW(
            others, lr=OTHER_RATE, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0, fused=others[0].is_cuda
        )

    def clip(self) -> Tensor:
        """Scale all gradients so that their norm is at most `CLIP`; returns the norm before (a tensor, no
        wait).
        """
        grads = [w.grad for w in self.weights.values()]
        norm = torch.stack(torch._foreach_norm(grads)).norm()
        torch._foreach_mul_(grads, (CLIP / (norm + 1e-6)).clamp(max=1.0))
        return norm

    def step(self, rate: float) -> None:
        """One update, and the gradients forgotten."""
        with torch.no_grad():
            for shape, names in self.groups.items():
                self._move(shape, [self.weights[name] for name in names], rate * self.matrix_rate)
        for group in self.adam.param_groups:
            group["lr"] = rate * OTHER_RATE
        self.adam.step()
        for weight in self.weights.values():
            weight.grad = None

    def _move(self, shape: tuple[int, ...], matrices: list[Tensor], rate: float) -> None:
        grads = torch.stack([matrix.grad for matrix in matrices])
        momentum = self.momenta[shape]
        momentum.lerp_(grads, 1 - MOMENTUM)
        update = orthogonal(grads.lerp_(momentum, MOMENTUM))  # Nesterov's look ahead
        scale = rate * max(1.0, shape[0] / shape[1]) ** 0.5
        torch._foreach_mul_(matrices, 1 - rate * DECAY)
        torch._foreach_add_(matrices, list(update.unbind(0)), alpha=-scale)

    def state(self) -> dict[str, Any]:
        """All that a resume needs."""
        return {"momenta": self.momenta, "adam": self.adam.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        for shape, momentum in state["momenta"].items():
            self.momenta[shape].copy_(momentum)
        self.adam.load_state_dict(state["adam"])
