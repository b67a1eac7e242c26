"""bitsandbytes' INT8 weights times a few tokens, in one kernel that keeps the tokens in 16 bits.

LLM.int8() looks for outliers among the activations and waits for what it finds, so a step cannot be
recorded, and each of its products takes several kernels. For a few tokens the weights' bytes are all that
counts: they are read once and scaled at the end. Nothing of the activations is rounded, so this is nearer to
the dequantized weights than LLM.int8() is. Longer batches go to bitsandbytes as ever.
"""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import Any

import torch

from yanray.cores.evaluator import MOST_OUTPUTS

ROWS = MOST_OUTPUTS  # of a tile: tensor cores want 16
COLUMNS, INNER = 32, 256  # of a tile of weights
CLOSE = 0.01  # relative difference that half precision explains


def install(model: Any) -> None:
    """Give MODEL's INT8 layers the kernel for batches of a few tokens, where Triton is there and works."""
    layers = [module for module in model.modules() if type(module).__name__ == "Linear8bitLt"]
    if layers and importlib.util.find_spec("triton") is not None and _works(layers[0]):
        for module in layers:
            module.forward = partial(_forward, module, module.forward)


def _works(module: Any) -> bool:
    """Whether the kernel gives for MODULE what its dequantized weights give."""
    weight, scale = module.weight.data, scales(module)
    hidden = torch.randn(2, weight.shape[1], device=weight.device).half()
    try:
        ours = product(hidden, weight, scale, None).float()
    except Exception:  # noqa: BLE001 - no compiler, a card it does not know: whatever it is, bitsandbytes works
        return False
    right = hidden.float() @ (weight.float() * scale[:, None] / 127).T
    return bool((ours - right).norm() < CLOSE * right.norm())


def _forward(module: Any, whole: Any, hidden: Any) -> Any:
    if hidden.numel() // hidden.shape[-1] > ROWS or not hidden.is_cuda:
        return whole(hidden)
    return product(hidden, module.weight.data, scales(module), module.bias)


def scales(module: Any) -> Any:
    """The largest weight of each row, float32: with the weight at first, after a product with the state."""
    found = getattr(module.weight, "SCB", None)
    return module.state.SCB if found is None else found


def product(hidden: Any, weight: Any, scale: Any, bias: Any) -> Any:
    """HIDDEN [..., k], at most ROWS rows, times int8 WEIGHT [n, k] transposed, times SCALE [n] / 127, plus
    BIAS [n] or None."""
    from yanray.cores.hf_int8_kernel import multiply

    rows = hidden.reshape(-1, hidden.shape[-1]).contiguous()
    count, inner = rows.shape
    columns = weight.shape[0]
    out = torch.empty((count, columns), dtype=hidden.dtype, device=hidden.device)
    multiply[(-(-columns // COLUMNS),)](
        rows, weight, scale, scale if bias is None else bias, out, count, columns, inner,
        WITH_BIAS=bias is not None, ROWS=ROWS, COLUMNS=COLUMNS, INNER=INNER, num_warps=4, num_stages=4,
    )  # fmt: skip
    return out.view(*hidden.shape[:-1], columns)
