"""Models by their sizes alone: what `yanray bench --shape NAME:KIND` makes up and measures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from yanray.errors import ModelError, UsageError
from yanray.measure.random_blocks import KINDS, stored_bytes, stored_kind
from yanray.models.shape import Shape, tensors_of

STACKS = (2, 6)  # layers that are measured where the whole model does not fit
DISK, MEMORY = 0.8, 0.6  # shares of what is free that a made-up model may take

# As the models' own config.json gives them. A table of tokens that a model uses twice is written twice.
SHAPES = {
    "nano": Shape("llama", 12, 512, 1408, 8, 4, 64, 64, 12288, 4096),
    "llama-300m": Shape("llama", 24, 1024, 2816, 16, 16, 64, 64, 32000, 4096),
    "llama-1b": Shape("llama", 16, 2048, 8192, 32, 8, 64, 64, 128256, 8192),
    "llama-3b": Shape("llama", 28, 3072, 8192, 24, 8, 128, 128, 128256, 8192),
    "llama-8b": Shape("llama", 32, 4096, 14336, 32, 8, 128, 128, 128256, 8192),
    "llama-70b": Shape("llama", 80, 8192, 28672, 64, 8, 128, 128, 128256, 8192),
    "chatglm3-6b": Shape("chatglm", 28, 4096, 13696, 32, 2, 128, 128, 65024, 8192, fused=True),
}


def parse(text: str) -> tuple[str, Shape, str]:
    """`llama-1b:q8_0` as (name, shape, kind). Raises UsageError that lists what there is."""
    name, _, kind = text.partition(":")
    kind = kind or "q8_0"
    if name not in SHAPES:
        raise UsageError(f"--shape {text}: no shape {name!r}; there are {', '.join(SHAPES)}")
    if kind not in KINDS:
        raise UsageError(f"--shape {text}: no number format {kind!r}; there are {', '.join(KINDS)}")
    return name, SHAPES[name], kind


def layers(shape: Shape, count: int) -> Shape:
    """SHAPE with only COUNT layers."""
    return replace(shape, layers=count)


def file_bytes(shape: Shape, kind: str) -> int:
    """Bytes of the weights of SHAPE in KIND."""
    return sum(stored_bytes(t.shape, stored_kind(t.name, t.shape, kind)) for t in tensors_of(shape))


def bytes_per_token(shape: Shape, kind: str) -> int:
    """Bytes of weights that one token reads: all but the table of tokens, of which it needs one row."""
    table = (shape.vocabulary, shape.width)
    return file_bytes(shape, kind) - stored_bytes(table, stored_kind("token_embd.weight", table, kind))


def stacks(shape: Shape, kind: str, folder: Path) -> tuple[int, ...]:
    """How many layers to make: all; or a low and a high stack, where free disk at FOLDER or
    free memory do not hold the whole. Raises ModelError when it does not hold these either."""
    import psutil

    there = next(place for place in (folder, *folder.parents) if place.exists())
    room = min(psutil.disk_usage(str(there)).free * DISK, psutil.virtual_memory().available * MEMORY)
    if file_bytes(shape, kind) <= room:
        return (shape.layers,)
    if file_bytes(layers(shape, STACKS[0]), kind) + file_bytes(layers(shape, STACKS[1]), kind) > room:
        raise ModelError(
            f"{kind} in this shape: even {STACKS[1]} layers do not fit; free some disk or memory"
        )
    return STACKS
