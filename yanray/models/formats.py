"""Number formats that weights can be kept in, and the bytes that a model takes in each.

Reckoned tensor by tensor, as the programs that quantize do it: llama.cpp's K mixtures give some matrices
more bits (src/llama-quant.cpp, llama_tensor_get_type), bitsandbytes leaves embedding and output in 16 bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from yanray.models.shape import Header, Tensor

Runner = Literal["llama.cpp", "torch"]


@dataclass(frozen=True, slots=True)
class Format:
    """A number format. bits: of most weights, for ranking; runner: the program that runs it."""

    name: str
    bits: float
    runner: Runner


FORMATS = {
    each.name: each
    for each in (
        Format("f32", 32, "torch"),
        Format("f16", 16, "torch"),
        Format("bf16", 16, "torch"),
        Format("int8", 8, "torch"),
        Format("nf4", 4.5, "torch"),
        Format("q8_0", 8.5, "llama.cpp"),
        Format("q6_k", 6.5625, "llama.cpp"),
        Format("q5_k_m", 5.7, "llama.cpp"),
        Format("q4_k_m", 4.85, "llama.cpp"),
        Format("q4_0", 4.5, "llama.cpp"),
    )
}
OFFERED = ("f32", "f16", "int8", "nf4", "q8_0", "q5_k_m", "q4_k_m")  # for weights that are not quantized yet
PLAIN = {"f32", "f16", "bf16"}
BITS = {"F32": 32, "F16": 16, "Q8_0": 8.5, "Q6_K": 6.5625, "Q5_K": 5.5, "Q4_K": 4.5}
BITS |= {"Q5_0": 5.5, "Q5_1": 6, "Q4_0": 4.5}
NARROW = {"Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0"}  # for rows that are no multiple of 256 long
ROLES = {
    "embedding": r"token_embd|embed_tokens|word_embeddings|wte|embed_in",
    "output": r"^output\.weight|lm_head|output_layer|embed_out",
    "position": r"position_embd|wpe",
    "qkv": r"attn_qkv|query_key_value|c_attn|qkv_proj|Wqkv",
    "value": r"attn_v\b|v_proj",
    "down": r"ffn_down|down_proj|dense_4h_to_h|mlp\.c_proj|fc2",
}


def runner_of(header: Header, quantization: str) -> Runner:
    """The program that runs HEADER's model in QUANTIZATION: a GGUF file is llama.cpp's whatever it holds."""
    known = FORMATS.get(quantization)
    return "llama.cpp" if header.kind == "gguf" or known is None else known.runner


def role(tensor: Tensor) -> str:
    """What TENSOR is for: a key of ROLES, `small` for vectors, else `matrix`."""
    if len([size for size in tensor.shape if size > 1]) < 2:
        return "small"
    return next((name for name, pattern in ROLES.items() if re.search(pattern, tensor.name)), "matrix")


def bytes_in(header: Header, quantization: str) -> int:
    """Bytes of HEADER's weights in QUANTIZATION; as stored when it is the file's own."""
    return sum(size for _, size in sizes_in(header, quantization))


def sizes_in(header: Header, quantization: str) -> list[tuple[Tensor, int]]:
    """Each tensor of HEADER with its bytes in QUANTIZATION."""
    if quantization == header.quantization:
        return [(tensor, tensor.bytes) for tensor in header.tensors]
    if runner_of(header, quantization) == "torch":
        return [(tensor, _torch(tensor, quantization)) for tensor in header.tensors]
    return [(tensor, int(tensor.count * BITS[kind] / 8)) for tensor, kind in kinds_in(header, quantization)]


def kinds_in(header: Header, quantization: str) -> list[tuple[Tensor, str]]:
    """Each tensor of HEADER with its ggml type in QUANTIZATION, a format of llama.cpp's."""
    if quantization == header.quantization:
        return [(tensor, tensor.kind) for tensor in header.tensors]
    choose = _mixture(header, quantization)
    return [
        (tensor, "F32" if role(tensor) == "small" else _fitting(choose(tensor), tensor))
        for tensor in header.tensors
    ]


def _torch(tensor: Tensor, quantization: str) -> int:
    """Bytes under torch; int8 keeps a float for each row, nf4 one for each 64 numbers (bitsandbytes)."""
    kind = role(tensor)
    if quantization == "f32":
        return tensor.count * 4
    if quantization in PLAIN or kind in ("small", "embedding", "output", "position"):
        return tensor.count * 2
    if quantization == "int8":
        return tensor.count + tensor.shape[0] * 4
    return tensor.count // 2 + tensor.count // 64 * 4


def _mixture(header: Header, quantization: str) -> Callable[[Tensor], str]:
    """Tensor -> ggml type."""
    flat = {"q8_0": "Q8_0", "q4_0": "Q4_0", "q6_k": "Q6_K", "f16": "F16"}.get(quantization)
    layers, tied = header.shape.layers, header.shape.tied

    def choose(tensor: Tensor) -> str:
        kind = role(tensor)
        if kind == "output" or (kind == "embedding" and tied):
            return "Q8_0" if flat == "Q8_0" else "Q6_K"
        if flat is not None:
            return flat
        base, more = ("Q4_K", "Q5_K") if quantization == "q4_k_m" else ("Q5_K", "Q6_K")
        if kind == "qkv":
            return more
        wants = kind in ("value", "down") and _more_bits(_layer_of(tensor), layers)
        return "Q6_K" if wants else base

    return choose


def _more_bits(layer: int, layers: int) -> bool:
    """Whether the K mixtures give LAYER more bits: the first and last eighth, and every third between."""
    eighth = layers // 8
    return layer < eighth or layer >= 7 * layers // 8 or (layer - eighth) % 3 == 2


def _layer_of(tensor: Tensor) -> int:
    found = re.search(r"\.(\d+)\.", tensor.name)
    return int(found[1]) if found else 0


def _fitting(kind: str, tensor: Tensor) -> str:
    if tensor.shape[-1] % 256 == 0:
        return kind
    return NARROW.get(kind, kind) if tensor.shape[-1] % 32 == 0 else "F16"
