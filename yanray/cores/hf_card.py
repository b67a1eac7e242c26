"""What a card, or the CPU, computes with, as data: which numbers it is good at, what this torch runs on it.

Compute capabilities: NVIDIA's table of arithmetic throughput (CUDA C++ Programming Guide, 5.4.1). 6.1, the
P102's and the P40's, multiplies float16 at a 64th of the rate of float32.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from yanray.cores.machine import free_memory
from yanray.errors import ConfigError, ModelError

SLOW_HALF = {(5, 0), (5, 2), (6, 1)}  # compute float16 far slower than float32
BRAIN_FROM = (8, 0)  # computes bfloat16
FULL = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}  # torch's names


@dataclass(frozen=True, slots=True)
class Card:
    """device: `cpu` or `cuda:N`. free: bytes. capability: of a CUDA card. kernels: what this torch was built
    for, e.g. `sm_80`, `compute_90`; none stated: anything."""

    device: str = "cpu"
    name: str = "this CPU"
    free: int = 0
    capability: tuple[int, int] | None = None
    kernels: tuple[str, ...] = ()

    @property
    def native(self) -> str:
        """The numbers that it computes best with: a key of FULL."""
        if self.capability is None or self.capability in SLOW_HALF:
            return "fp32"
        return "bf16" if self.capability >= BRAIN_FROM else "fp16"

    def computes(self, load: str) -> str:
        """The numbers, a key of FULL, in which weights held as LOAD are multiplied."""
        if load in FULL:
            return load
        if load == "int8" and self.capability is None:
            return "bf16"  # with float32 each layer is cast there and back
        return self.native


def this_card() -> Card:
    """The process's own GPU, else the CPU."""
    import torch

    if not torch.cuda.is_available():
        return Card(free=free_memory())
    index = torch.cuda.current_device()
    return Card(
        f"cuda:{index}",
        torch.cuda.get_device_name(index),
        int(torch.cuda.mem_get_info(index)[0]),
        tuple(torch.cuda.get_device_capability(index)),
        tuple(torch.cuda.get_arch_list()),
    )


def check_card(card: Card, load: str) -> None:
    """Raise ModelError when this torch has no code for CARD, ConfigError when CARD is no good at LOAD."""
    if card.capability is None:
        return
    number = ".".join(map(str, card.capability))
    if card.kernels and not any(_runs(kernel, card.capability) for kernel in card.kernels):
        raise ModelError(
            f"{card.name}: this torch has no code for its compute capability {number} "
            f"(it has {', '.join(card.kernels)}); docs/hardware.md names a torch that has, or give a GGUF"
        )
    if load == "bf16" and card.capability < BRAIN_FROM:
        raise ConfigError(
            f"machine.load: {card.name} ({number}) has no bf16; set it to auto or {card.native}"
        )
    if load == "fp16" and card.native == "fp32":
        raise ConfigError(
            f"machine.load: {card.name} ({number}) computes fp16 at a small part of its speed; set it "
            "to auto, int8, nf4 or fp32"
        )


def _runs(kernel: str, capability: tuple[int, int]) -> bool:
    """Whether KERNEL, `sm_XY` (for X.Y and later X.*) or `compute_XY` (for all later ones), runs there."""
    found = re.fullmatch(r"(sm|compute)_(\d+)(\d)[af]?", kernel)
    if found is None:
        return False
    major, minor = int(found[2]), int(found[3])
    same = major == capability[0] and minor <= capability[1]
    return same or (found[1] == "compute" and (major, minor) <= capability)


def torch_type(numbers: str) -> Any:
    """The torch type of NUMBERS, a key of FULL."""
    import torch

    return getattr(torch, FULL[numbers])
