"""One process for each GPU (`torchrun`), or one process alone: who I am, and the few things that ranks tell
each other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist

from yanray.train.model import Tensor


def local_ranks() -> int:
    """How many processes of this training torchrun started on this computer."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among `world` of them, on `device`."""

    rank: int
    world: int
    device: Any

    @classmethod
    def join(cls) -> Ranks:
        """Meet the other ranks that torchrun started, over NCCL on GPUs and gloo elsewhere."""
        rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        gpu = torch.cuda.is_available()
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if gpu else torch.device("cpu")
        if gpu:
            torch.cuda.set_device(device)
        if world > 1:
            dist.init_process_group("nccl" if gpu else "gloo", device_id=device if gpu else None)
        return cls(rank, world, device)

    def wait(self) -> None:
        """Until every rank is here."""
        if self.world > 1:
            dist.barrier()

    def average(self, grads: list[Tensor]) -> None:
        """Each of GRADS becomes the mean over the ranks."""
        if self.world == 1:
            return
        flat = torch.cat([grad.reshape(-1) for grad in grads])
        dist.all_reduce(flat)
        flat /= self.world
        parts = flat.split([grad.numel() for grad in grads])
        torch._foreach_copy_(grads, [p.view_as(g) for p, g in zip(parts, grads, strict=True)])

    def tell(self, numbers: list[float]) -> list[float]:
        """Rank 0's NUMBERS, on every rank."""
        if self.world == 1:
            return numbers
        tensor = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        dist.broadcast(tensor, 0)
        return [float(number) for number in tensor.tolist()]

    def gather(self, item: Any) -> list[Any]:
        """ITEM of every rank, by rank."""
        if self.world == 1:
            return [item]
        items: list[Any] = [None] * self.world
        dist.all_gather_object(items, item)
        return items

    def leave(self) -> None:
        """Part from the other ranks."""
        if self.world > 1:
            dist.destroy_process_group()
