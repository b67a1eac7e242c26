"""Random weights in ggml's number formats, as fast as memory: the bytes are drawn, only the scales are set.

Layouts: ggml-common.h (block_q4_0, block_q5_0, block_q8_0, block_q4_K, block_q6_K).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

SCALE = 0.01  # of a block; what it multiplies is an integer of up to 127
POOL = 16 << 20  # random bytes that are used again and again


@dataclass(frozen=True, slots=True)
class Block:
    """count: numbers in a block; size: its bytes; scales: where in it the float16 are that scale it."""

    count: int
    size: int
    scales: tuple[int, ...]


BLOCKS = {
    "F32": Block(1, 4, ()),
    "Q8_0": Block(32, 34, (0,)),
    "Q5_0": Block(32, 22, (0,)),
    "Q4_0": Block(32, 18, (0,)),
    "Q6_K": Block(256, 210, (208,)),
    "Q4_K": Block(256, 144, (0, 2)),
}
# What the matrices are, and the tables of tokens, as llama.cpp's own quantizer mixes them.
KINDS = {
    "q8_0": ("Q8_0", "Q8_0"),
    "q4_0": ("Q4_0", "Q6_K"),
    "q4_k": ("Q4_K", "Q6_K"),
    "q6_k": ("Q6_K", "Q6_K"),
}
INSTEAD = {"Q4_K": "Q5_0", "Q6_K": "Q8_0"}  # where rows do not divide into blocks of 256 (llama-quant.cpp)


def stored_kind(name: str, shape: tuple[int, ...], kind: str) -> str:
    """The format of the tensor NAME in a model of KIND."""
    if len(shape) == 1:
        return "F32"
    matrices, tables = KINDS[kind]
    wanted = tables if name in ("token_embd.weight", "output.weight") else matrices
    return wanted if shape[-1] % BLOCKS[wanted].count == 0 else INSTEAD[wanted]


def stored_bytes(shape: tuple[int, ...], kind: str) -> int:
    """Bytes of a tensor of SHAPE in the format KIND."""
    block = BLOCKS[kind]
    return prod(shape) // block.count * block.size


def random_rows(rng: np.random.Generator, shape: tuple[int, ...], kind: str) -> Any:
    """Weights of SHAPE [rows, columns] in the format KIND, uint8 [rows, row's bytes]; no two rows alike."""
    return _scaled(np.frombuffer(rng.bytes(stored_bytes(shape, kind)), np.uint8), shape, kind, SCALE)


def pooled_rows(pool: Any, shape: tuple[int, ...], kind: str, scale: float = SCALE) -> Any:
    """As `random_rows`, out of POOL (uint8), again and again; with SCALE 0 every weight is 0."""
    return _scaled(np.resize(pool, stored_bytes(shape, kind)), shape, kind, scale)


def _scaled(data: Any, shape: tuple[int, ...], kind: str, scale: float) -> Any:
    block = BLOCKS[kind]
    blocks = np.array(data).reshape(-1, block.size)
    half = np.frombuffer(np.float16(scale).tobytes(), np.uint8)
    for at in block.scales:
        blocks[:, at : at + 2] = half
    return blocks.reshape(shape[0], -1)
