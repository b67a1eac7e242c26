"""LoRA adapters, read for a core: what PEFT wrote, as pairs of matrices under transformers' names.

LoRA (Hu et al. 2021, arXiv:2106.09685) adds b @ (a @ x) to what a layer gives for x. Names of ChatGLM's own
layout are turned into GLM's. Not here: which adapters there are (`models.adapters`).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from yanray.chatglm.layout import FUSED, LAYER, PARTS
from yanray.cores.base import Lora
from yanray.errors import ModelError

PREFIX = "base_model.model."
A, B = ".lora_A.weight", ".lora_B.weight"
TYPES = {"F32": np.float32, "F16": np.float16, "F64": np.float64, "BF16": np.uint16}
QKV = "self_attn.qkv_proj"  # a matrix of queries, keys and values in one, as GLM would call it
APART = ("q_proj", "k_proj", "v_proj")
NEAR = 0.02  # relative difference of norms that rounding to 16 bits explains


@dataclass(frozen=True, slots=True)
class Pair:
    """What is added to one layer. a: float32 [rank, in]; b: float32 [out, rank], the adapter's own factor in
    it."""

    a: Any
    b: Any


def read_pairs(lora: Lora) -> dict[str, Pair]:
    """Layer's name -> its pair, the user's scale not in it. Raises ModelError."""
    tensors = _tensors(lora.weights)
    pairs = {}
    for name in [name for name in tensors if name.endswith(A)]:
        layer = name.removesuffix(A)
        a, b = tensors[name], tensors.get(layer + B)
        if b is None or a.ndim != 2 or b.shape[1:] != a.shape[:1]:
            raise ModelError(f"{lora.weights}: {layer} is only half there; fetch or train it again")
        rank = a.shape[0]
        pairs[_modern(layer.removeprefix(PREFIX))] = Pair(
            a, b * np.float32(lora.alpha / (math.sqrt(rank) if lora.root else rank))
        )
    if not pairs:
        raise ModelError(f"{lora.weights}: holds no LoRA; give what PEFT wrote")
    return pairs


def check_norm(lora: Lora, norm: Any, model: str) -> None:
    """Raise ModelError when LORA was trained on a model whose last norm begins otherwise than NORM."""
    known = np.array(lora.norm, np.float32)
    found = np.array(norm, np.float32)[: len(known)]
    # Gemma's file in the one format holds norms that are smaller by one than in the other.
    if len(known) and not any(np.allclose(known + more, found, NEAR, 1e-3) for more in (0, 1, -1)):
        raise ModelError(
            f"the adapter {lora.name} was trained on another model than {model}: "
            f"{lora.base or 'its note does not say which'}; choose that, or yanray adapters use takes it off"
        )


def split(pair: Pair, rows: Sequence[int]) -> list[Pair]:
    """PAIR of a matrix as those of its parts, which have so many ROWS."""
    borders = np.cumsum(rows)[:-1]
    return [Pair(pair.a, part) for part in np.split(pair.b, borders)]


def join(parts: Sequence[Pair | None], rows: Sequence[int]) -> Pair:
    """The pair of a matrix made of PARTS, which have so many ROWS; None: nothing is added there."""
    kept = [part for part in parts if part is not None]
    b = np.zeros((sum(rows), sum(part.a.shape[0] for part in kept)), np.float32)
    top = left = 0
    for part, height in zip(parts, rows, strict=True):
        if part is not None:
            width = part.b.shape[1]
            b[top : top + height, left : left + width] = part.b
            left += width
        top += height
    return Pair(np.concatenate([part.a for part in kept]), b)


def digest(adapters: Sequence[Lora]) -> str:
    """What tells ADAPTERS, their files and scales, from others; "" for none."""
    if not adapters:
        return ""
    found = hashlib.sha256()
    for lora in adapters:
        stat = lora.weights.stat()
        found.update(f"{lora}{stat.st_size}{stat.st_mtime_ns}".encode())
    return found.hexdigest()[:16]


def misfit(lora: Lora, model: str, what: str) -> ModelError:
    """The error for an adapter whose layers are not MODEL's."""
    return ModelError(
        f"the adapter {lora.name} does not fit {model}: {what}; it was trained on a model of another shape"
    )


def _modern(layer: str) -> str:
    """LAYER's name in transformers; a ChatGLM of its authors' layout calls it otherwise."""
    found = LAYER.fullmatch(f"{layer}.weight")
    if found is None:
        return layer
    part = QKV if found["part"] == FUSED else PARTS.get(found["part"], found["part"])
    return f"model.layers.{found['layer']}.{part}"


def _tensors(path: Path) -> dict[str, Any]:
    """The tensors of a safetensors file, float32; bfloat16 is the upper half of a float32."""
    try:
        data = path.read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        table = json.loads(data[8:start])
        table.pop("__metadata__", None)
        found = {}
        for name, entry in table.items():
            begin, end = entry["data_offsets"]
            raw = np.frombuffer(data[start + begin : start + end], TYPES[entry["dtype"]])
            if entry["dtype"] == "BF16":
                raw = (raw.astype(np.uint32) << 16).view(np.float32)
            found[name] = raw.astype(np.float32).reshape(entry["shape"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: damaged or cut short ({error}); fetch it again") from None
    return found
