"""Whether bitsandbytes' LLM.int8() computes on a card what its own weights say, and what to take where not.

It is documented from compute capability 7.5 up, and its code tries below that all the same; so a small layer
is tried before a model is loaded. Method: Dettmers et al. 2022, arXiv:2208.07339.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any, TypeAlias

LIMIT = 0.03  # of the outcome's size: rounding the inputs to 8 bits costs up to a hundredth
ROWS, WIDTH, INPUTS = 96, 256, 5

Layer: TypeAlias = Callable[[Any], tuple[Callable[[Any], Any], Any]]
"""float32 weights -> (the layer made of them, the weights that it stands for)."""


def int8_fault(device: str, numbers: Any, make: Layer | None = None) -> str:
    """Why LLM.int8() must not be used on DEVICE with inputs in the torch type NUMBERS; "" when it may.

    make: what makes the layer, in place of bitsandbytes.
    """
    import torch

    draw = torch.Generator().manual_seed(0)
    weights = torch.randn(ROWS, WIDTH, generator=draw)
    inputs = torch.randn(INPUTS, WIDTH, generator=draw)
    inputs[:, 7] *= 20  # a column of outliers, which the method treats apart
    try:
        layer, meant = (make or _layer(device))(weights)
        with torch.inference_mode():
            got = layer(inputs.to(device, numbers)).float().cpu()
    except (RuntimeError, NotImplementedError) as error:
        return (str(error).strip().splitlines() or [type(error).__name__])[0]
    wanted = inputs.to(numbers).float() @ meant.T
    off = float((got - wanted).norm() / wanted.norm())
    return "" if off <= LIMIT else f"a layer's outcome is off by {off:.0%}"


def instead_of_int8() -> str:
    """What to load weights as where LLM.int8() cannot be used: 8 bits by torchao where it is installed."""
    return "int8-torchao" if importlib.util.find_spec("torchao") else "nf4"


def _layer(device: str) -> Layer:
    def make(weights: Any) -> tuple[Callable[[Any], Any], Any]:
        import bitsandbytes
        from bitsandbytes.functional import int8_vectorwise_dequant

        made = bitsandbytes.nn.Linear8bitLt(WIDTH, ROWS, bias=False, has_fp16_weights=False, threshold=6.0)
        made.weight = bitsandbytes.nn.Int8Params(weights, requires_grad=False, has_fp16_weights=False)
        made = made.to(device)
        meant = int8_vectorwise_dequant(made.weight.data, made.weight.SCB).float().cpu()
        return made, meant

    return make
