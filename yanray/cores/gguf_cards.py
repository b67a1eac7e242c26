"""The GPUs that this llama.cpp can use, and how many of a model's layers go on them."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from yanray.cores.llama import library

GpuLayers: TypeAlias = int | Literal["auto"]

GPU, INTEGRATED = 1, 2  # enum ggml_backend_dev_type
# Bytes of a card that are left for its context, kernels and the buffers of one evaluation: 350 MB for CUDA
# and its libraries (see models.memory), and the logits and activations of a batch of 512 tokens.
RESERVE = 700 << 20
CONTEXT = 8192  # tokens whose KV cache is reckoned with where nobody asked for a number


@dataclass(frozen=True, slots=True)
class GpuCard:
    """name: as its maker calls it. free, total: bytes."""

    name: str
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Offload:
    """How many of a model's layers go on which GPU. layers: its own count; its output is one more. split:
    layers on each card."""

    layers: int
    split: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """Layers on GPUs."""
        return sum(self.split)

    @property
    def whole(self) -> bool:
        """Whether the whole model is there."""
        return self.count > self.layers


def plan_offload(weights: int, layers: int, kv: int, cards: Sequence[GpuCard]) -> Offload:
    """As many layers as the CARDS hold, whole ones on each, filled by their free memory.

    weights: bytes of the model. layers: without the output, which is reckoned like one of them. kv: bytes of
    the whole KV cache, which lies beside its layers.
    """
    each = -(-(weights + kv) // (layers + 1))
    room = [max(0, card.free - RESERVE) // max(1, each) for card in cards]
    wanted = min(layers + 1, sum(room))
    if not wanted:
        return Offload(layers)
    shares = [wanted * space // sum(room) for space in room]
    while sum(shares) < wanted:  # what rounding left over goes where there is most room
        freest = max(range(len(room)), key=lambda index: room[index] - shares[index])
        shares[freest] += 1
    return Offload(layers, tuple(shares))


def offload_of(
    path: Path, gpu_layers: GpuLayers, context: int, cards: Sequence[GpuCard], metadata: Mapping[str, str]
) -> Offload:
    """Which layers of the model at PATH go on CARDS. gpu_layers: `auto`, or a number, -1 for all.

    context: tokens asked for, 0 for none. metadata: what the file says of itself.
    """
    arch = metadata.get("general.architecture", "")

    def stated(key: str, usual: int) -> int:
        text = metadata.get(f"{arch}.{key}", "")
        return int(text) if text.isdigit() else usual  # some files state a list, a number for each layer

    layers = stated("block_count", 0)
    if gpu_layers != "auto":
        return Offload(layers, (layers + 1 if gpu_layers < 0 else gpu_layers,))
    if not layers or not cards:
        return Offload(layers)
    heads = max(1, stated("attention.head_count", 1))
    size = stated("embedding_length", 0) // heads
    key, value = (stated(f"attention.{kind}_length", size) for kind in ("key", "value"))
    tokens = context or min(CONTEXT, stated("context_length", CONTEXT))
    kv = layers * stated("attention.head_count_kv", heads) * (key + value) * 2 * tokens
    return plan_offload(path.stat().st_size, layers, kv, cards)


def gpu_cards() -> list[GpuCard] | None:
    """The GPUs in llama.cpp's order; those that share the system's memory only where there is no other. None
    when this llama.cpp has GPUs and cannot be asked for them."""
    if not library().llama_supports_gpu_offload():
        return []
    try:
        devices = _devices()
    except (AttributeError, OSError):
        return None
    found = {kind: [card for own, card in devices if own == kind] for kind in (GPU, INTEGRATED)}
    return found[GPU] or found[INTEGRATED]


def _devices() -> list[tuple[int, GpuCard]]:
    """(kind, card) of each device that ggml knows, the CPU among them."""
    devices = []
    for index in range(_call("count", ctypes.c_size_t)()):
        device = _call("get", ctypes.c_void_p, ctypes.c_size_t)(index)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        place = ctypes.POINTER(ctypes.c_size_t)
        memory = _call("memory", None, ctypes.c_void_p, place, place)
        memory(device, ctypes.byref(free), ctypes.byref(total))
        text = _call("description", ctypes.c_char_p, ctypes.c_void_p)(device)
        name = (text or b"GPU").decode("utf-8", "replace").strip()
        kind = _call("type", ctypes.c_int, ctypes.c_void_p)(device)
        devices.append((int(kind), GpuCard(name, free.value, total.value)))
    return devices


@cache
def _call(name: str, gives: Any, *takes: Any) -> Any:
    """One of ggml-backend.h's calls on devices, which llama_cpp does not wrap: in libggml, or in what it is
    linked with, where some systems find it without being told and others do not. Raises OSError,
    AttributeError."""
    library()
    from llama_cpp import _ggml
    from llama_cpp._ctypes_extensions import load_shared_library

    symbol = f"ggml_backend_dev_{name}"
    found = getattr(_ggml.libggml, symbol, None)
    if found is None:
        found = getattr(load_shared_library("ggml-base", _ggml.libggml_base_path), symbol)
    found.restype, found.argtypes = gives, list(takes)
    return found
