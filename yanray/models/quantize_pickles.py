"""Weights in torch's own files, for models that were never published as safetensors, ChatGLM3-6B-32K among
them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yanray.chatglm.weights import stored_tensors
from yanray.errors import DataError, ModelError


def pickled_tensors(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """(name, number format, array) of each tensor; bfloat16 as its 16 bits. Raises DataError, ModelError."""
    try:
        import torch
    except ImportError:
        raise ModelError(f"{folder}: reading its .bin files needs torch: pip install 'yanray[hf]'") from None
    kinds = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
    for name, tensor in stored_tensors(folder):
        if tensor.dtype not in kinds:
            raise DataError(
                f"{folder}: {name} is kept in {tensor.dtype}; float32, float16 and bfloat16 are read"
            )
        kind = kinds[tensor.dtype]
        yield name, kind, (tensor.view(torch.uint16) if kind == "BF16" else tensor).numpy()
