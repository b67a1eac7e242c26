"""The tensors that a GGUF file describes, its metadata passed over: the gguf package makes an array of every
word of a vocabulary, which takes seconds.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The file was opened by llama.cpp before.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Any

import numpy as np

from yanray.errors import ModelError

SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # of gguf_metadata_value_type
STRING, ARRAY = 8, 9
ALIGNMENT = "general.alignment"
F32 = 0  # enum ggml_type


class Tensors:
    """shapes: name -> numbers along each dimension, the inner one first. Raises ModelError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._places: dict[str, tuple[int, int]] = {}  # type, and offset behind the header
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                self._read(data)
            except (struct.error, KeyError, UnicodeDecodeError):
                raise ModelError(f"{path}: its header cannot be read; fetch the file again") from None

    def vector(self, name: str) -> Any:
        """The values of the vector NAME where it is float32, none where it is not there or another type."""
        kind, offset = self._places.get(name, (-1, 0))
        if kind != F32:
            return np.zeros(0, np.float32)
        return np.fromfile(self._path, np.float32, self.shapes[name][0], offset=self._start + offset)

    def _read(self, data: mmap.mmap) -> None:
        tensors, pairs = struct.unpack_from("<QQ", data, 8)
        at, alignment = 24, 32
        for _ in range(pairs):
            key, at = _text(data, at)
            (kind,) = struct.unpack_from("<I", data, at)
            if key == ALIGNMENT:
                (alignment,) = struct.unpack_from("<I", data, at + 4)
            at = _behind(data, at + 4, kind)
        for _ in range(tensors):
            name, at = _text(data, at)
            (count,) = struct.unpack_from("<I", data, at)
            self.shapes[name] = struct.unpack_from(f"<{count}Q", data, at + 4)
            self._places[name] = struct.unpack_from("<IQ", data, at + 4 + 8 * count)
            at += 16 + 8 * count
        self._start = -(-at // alignment) * alignment


def _text(data: mmap.mmap, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", data, at)
    return data[at + 8 : at + 8 + length].decode(), at + 8 + length


def _behind(data: mmap.mmap, at: int, kind: int) -> int:
    """Where the value of KIND at AT ends."""
    if kind == STRING:
        return at + 8 + int(struct.unpack_from("<Q", data, at)[0])
    if kind != ARRAY:
        return at + SIZES[kind]
    inner, count = struct.unpack_from("<IQ", data, at)
    at += 12
    if inner in SIZES:
        return at + SIZES[inner] * int(count)
    for _ in range(count):
        at = _behind(data, at, inner)
    return at
