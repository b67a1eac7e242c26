"""The memory that training takes: LoRA on 16-bit or int8 weights, QLoRA on nf4, full fine-tuning.

Reckoned for one sequence at a time with AdamW in float32. Activations of a layer: what its matrices, norms
and activation function keep for the way back (in the manner of Korthikanti et al., arXiv 2205.05198,
section 4, for a gated feed-forward layer).
"""

from __future__ import annotations

from typing import Literal

from yanray.models.formats import bytes_in, role
from yanray.models.memory import CUDA
from yanray.models.shape import Header

Method = Literal["lora", "qlora", "full"]

BASES = {"lora": ("f32", "f16", "bf16", "int8"), "qlora": ("nf4",), "full": ("f32", "f16", "bf16")}
STATE = 16  # bytes for one trained number: value, gradient and two moments in float32
RANK = 16
LONGEST = 1024  # tokens of a training sequence, where the context is longer
SPARE = 1.1  # share that the allocator's gaps add to everything but the weights
# On a CPU in float32, from the peak resident memory of training on the embedded model, rows of 640 and 1,024
# tokens: the libraries, the gaps, and the squares of tokens that attention leaves where a layer is run twice.
CPU_LIBRARIES, CPU_SPARE, CPU_SQUARES = 410_000_000, 1.3, 20


def training_bytes(
    header: Header,
    quantization: str,
    method: Method,
    *,
    tokens: int = LONGEST,
    taught: int | None = None,
    rank: int = RANK,
    dropout: bool = True,
    checkpointing: bool = True,
    device: Literal["cpu", "cuda"] = "cuda",
) -> int | None:
    """Bytes to train HEADER's model by METHOD; None where METHOD does not work on QUANTIZATION.

    tokens: length of the one sequence of a step; taught: those of them whose logits are made, None for all.
    dropout: whether adapters have it. checkpointing: activations are worked out again on the way back, and
    only each layer's input is kept.
    """
    if quantization not in BASES[method] or header.kind == "gguf":
        return None
    logits = _logits(header, tokens if taught is None else taught)
    passing = _activations(header, tokens, checkpointing) + logits
    if method == "full":
        copy = 0 if quantization == "f32" else 2 * header.parameters
        return int(copy + STATE * header.parameters + CUDA["torch"] + SPARE * passing)
    adapters = STATE * adapter_parameters(header, rank)
    unpacked = 0 if quantization in ("f32", "f16", "bf16") else _largest_matrix(header) * 2
    base = bytes_in(header, quantization)
    if device == "cpu":
        passing = int(_on_cpu(header, tokens, dropout=dropout, checkpointing=checkpointing)) + logits
        return int(base + CPU_LIBRARIES + adapters + passing + unpacked)
    return int(base + CUDA["torch"] + SPARE * (adapters + passing + unpacked))


def adapter_parameters(header: Header, rank: int) -> int:
    """Trained numbers of LoRA of RANK on every linear layer but embedding and output."""
    return sum(rank * sum(tensor.shape[-2:]) for tensor in header.tensors if _linear(role(tensor)))


def _linear(kind: str) -> bool:
    return kind in ("matrix", "qkv", "value", "down")


def _largest_matrix(header: Header) -> int:
    return max((tensor.count for tensor in header.tensors if _linear(role(tensor))), default=0)


def _activations(header: Header, tokens: int, checkpointing: bool) -> int:
    shape = header.shape
    layer = tokens * 2 * (16 * shape.width + 5 * shape.inner)
    if checkpointing:
        return shape.layers * tokens * shape.width * 2 + layer
    return shape.layers * layer


def _on_cpu(header: Header, tokens: int, *, dropout: bool, checkpointing: bool) -> float:
    """Activations in float32; with DROPOUT also each adapter's own copy of what goes in, and its mask."""
    shape = header.shape
    copies = sum(tensor.shape[-1] for tensor in header.tensors if _linear(role(tensor))) / shape.layers
    layer = tokens * (4 * (16 * shape.width + 5 * shape.inner) + (5 * copies if dropout else 0))
    if not checkpointing:
        return CPU_SPARE * shape.layers * layer
    kept = CPU_SPARE * (shape.layers * tokens * shape.width * 4 + layer)
    return kept + CPU_SQUARES * shape.heads * tokens**2 * 4


def _logits(header: Header, tokens: int) -> int:
    """Logits, their softmax and their gradient, in float32."""
    return 3 * 4 * tokens * header.shape.vocabulary
