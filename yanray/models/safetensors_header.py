"""The header of a safetensors file, from any source.

Format: https://github.com/huggingface/safetensors#format: eight bytes of length, then JSON.
"""

from __future__ import annotations

import json
from typing import Any

from yanray.errors import DataError
from yanray.models.shape import Tensor
from yanray.models.source import Source

MOST = 100_000_000  # bytes: the format's own limit for a header


def read_safetensors(source: Source) -> tuple[tuple[Tensor, ...], dict[str, str]]:
    """(tensors, metadata) of the file in SOURCE. Raises DataError when it is none, damaged, or cut short."""
    length = int.from_bytes(source.read(0, 8), "little")
    if not 2 <= length <= MOST:
        raise DataError(f"{source.name}: not a safetensors file (its header would be {length} bytes long)")
    try:
        table = json.loads(source.read(8, length))
        metadata = table.pop("__metadata__", {})
        tensors = tuple(_tensor(name, entry) for name, entry in table.items())
        end = 8 + length + max((entry["data_offsets"][1] for entry in table.values()), default=0)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise DataError(
            f"{source.name}: not a safetensors file: its header cannot be read; fetch it again"
        ) from None
    if end != source.size:
        what = "cut short" if end > source.size else "damaged"
        raise DataError(
            f"{source.name}: {what}: {source.size} bytes where its header says {end}; fetch it again"
        )
    return tensors, metadata


def _tensor(name: str, entry: dict[str, Any]) -> Tensor:
    begin, end = entry["data_offsets"]
    return Tensor(
        name, tuple(int(size) for size in entry["shape"]), str(entry["dtype"]), int(end) - int(begin)
    )
