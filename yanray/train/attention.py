"""Which attention a machine runs: flash attention where it works and agrees with the plain one, else the
plain one.
"""

from __future__ import annotations

from typing import Any

import torch

from yanray.train.model import Attend, Shape, flash_attention, masked_attention

TOLERANCE = 0.02  # relative error; bf16 lands between 1e-3 and 1e-2


def choose_attention(shape: Shape, device: Any, dtype: Any) -> tuple[Attend, str]:
    """The attention for DEVICE, and a sentence for the log that says why."""
    if torch.device(device).type != "cuda":
        return masked_attention, "attention: masked (no GPU)"
    try:
        error = disagreement(shape, device, dtype)
    except (ImportError, RuntimeError, TypeError, NotImplementedError) as problem:
        return masked_attention, f"attention: masked, slow (flash attention does not run: {problem})"
    if not error < TOLERANCE:
        return masked_attention, f"attention: masked, slow (flash attention is off by {error:.4f})"
    return flash_attention, f"attention: flash, inside documents (off by {error:.4f} from the masked one)"


def disagreement(shape: Shape, device: Any, dtype: Any) -> float:
    """Relative distance between the two attentions, output and gradients, on random documents."""
    longest = 256
    borders = torch.tensor([0, 7, 100, 256, 300, 511, 512], dtype=torch.int32, device=device)
    generator = torch.Generator().manual_seed(1)
    size = (3, 2 * longest, shape.heads, shape.head)
    base = torch.randn(size, generator=generator).to(device)
    answers = []
    for attend, kind in ((flash_attention, dtype), (masked_attention, torch.float32)):
        q, k, v = parts = [part.to(kind).requires_grad_() for part in base]
        out = attend(q, k, v, borders, longest)
        out.float().square().sum().backward()
        answers.append(torch.stack([out.detach().float(), *(part.grad.float() for part in parts)]))
    return float((answers[0] - answers[1]).norm() / answers[1].norm())
