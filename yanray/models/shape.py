"""What a model's memory and speed follow from: its tensors and the sizes of its layers."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Tensor:
    """One stored array. kind: its number format as the file names it, e.g. `Q4_K`; bytes: as stored."""

    name: str
    shape: tuple[int, ...]
    kind: str
    bytes: int

    @property
    def count(self) -> int:
        """How many numbers."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a transformer.

    key, value: numbers in one head's key and value. context: tokens it was trained for. inner: width of the
    feed-forward layer (of one expert, where there are experts). fused: query, key and value are one matrix.
    """

    family: str
    layers: int
    width: int
    inner: int
    heads: int
    kv_heads: int
    key: int
    value: int
    vocabulary: int
    context: int
    gated: bool = True
    tied: bool = False
    fused: bool = False
    experts: int = 0
    experts_used: int = 0

    @property
    def cache_values(self) -> int:
        """Numbers in the KV cache of one token."""
        return self.layers * self.kv_heads * (self.key + self.value)


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a model before a single weight is read.

    kind: what was read. size: bytes of the file or files, 0 for a config.json alone. quantization: as stored,
    e.g. `f16`, `q4_k_m`.
    """

    name: str
    kind: Literal["gguf", "safetensors", "config"]
    shape: Shape
    tensors: tuple[Tensor, ...]
    quantization: str
    size: int = 0
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """How many numbers the model is made of."""
        return sum(tensor.count for tensor in self.tensors)

    @property
    def weights_bytes(self) -> int:
        """Bytes of the weights as they are stored."""
        return sum(tensor.bytes for tensor in self.tensors)


def tensors_of(shape: Shape, kind: str = "F16", bytes_each: int = 2) -> tuple[Tensor, ...]:
    """The tensors of a model of SHAPE under llama.cpp's names, for a config.json without weights."""
    width = shape.width
    sizes: dict[str, tuple[int, ...]] = {"token_embd": (shape.vocabulary, width), "output_norm": (width,)}
    if not shape.tied:
        sizes["output"] = (shape.vocabulary, width)
    if shape.family == "gpt2":
        sizes["position_embd"] = (shape.context, width)
    for layer in range(shape.layers):
        sizes.update({f"blk.{layer}.{name}": size for name, size in _layer(shape).items()})
    made = (Tensor(f"{name}.weight", size, kind, prod(size) * bytes_each) for name, size in sizes.items())
    return tuple(made)


def _layer(shape: Shape) -> dict[str, tuple[int, ...]]:
    width, keys, values = shape.width, shape.kv_heads * shape.key, shape.kv_heads * shape.value
    queries = shape.heads * shape.key
    found: dict[str, tuple[int, ...]] = {"attn_norm": (width,), "ffn_norm": (width,)}
    if shape.fused:
        found["attn_qkv"] = (queries + keys + values, width)
    else:
        found |= {"attn_q": (queries, width), "attn_k": (keys, width), "attn_v": (values, width)}
    found["attn_output"] = (width, shape.heads * shape.value)
    return found | _feed_forward(shape)


def _feed_forward(shape: Shape) -> dict[str, tuple[int, ...]]:
    width, inner = shape.width, shape.inner
    if shape.experts:
        many = shape.experts
        sides = {f"ffn_{name}_exps": (many, inner, width) for name in ("gate", "up")}
        return {"ffn_gate_inp": (many, width), **sides, "ffn_down_exps": (many, width, inner)}
    if shape.fused and shape.gated:  # ChatGLM keeps gate and up in one matrix
        return {"ffn_up": (2 * inner, width), "ffn_down": (width, inner)}
    found: dict[str, tuple[int, ...]] = {"ffn_up": (inner, width), "ffn_down": (width, inner)}
    return {"ffn_gate": (inner, width), **found} if shape.gated else found
