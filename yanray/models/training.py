"""The memory that training takes: LoRA on 16-bit or int8 weights, QLoRA on nf4, full fine-tuning.

Reckoned for one sequence at a time with AdamW in float32. Activations of a layer: what its matrices, norms
and activation function keep for the way back (in the manner of Korthikanti et al., arXiv 2205.05198,
section 4, for a gated feed-forward layer); on a CPU tensor by tensor. The constants are from
benchmarks/train_memory.py (CPU) and benchmarks/gpu.py (an H200).
"""

from __future__ import annotations

from typing import Literal

from yanray.models.formats import bytes_in, role
from yanray.models.shape import Header

Method = Literal["lora", "qlora", "full"]

BASES = {"lora": ("f32", "f16", "bf16", "int8"), "qlora": ("nf4",), "full": ("f32", "f16", "bf16")}
STATE = 16  # bytes for one trained number: value, gradient and two moments in float32
RANK = 16
LONGEST = 1024  # tokens of a training sequence, where the context is longer
# In use on a GPU beside the tensors: CUDA's context, libraries and kernels, and the allocator's gaps, which
# int8's products make larger.
GPU_BESIDE, GPU_BESIDE_INT8 = 1_390_000_000, 1_900_000_000
# Python, torch, transformers and peft on a CPU, and what they set up in the first steps; resident memory of
# their own, as benchmarks/train_memory.py reads it.
CPU_LIBRARIES = 345_000_000


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
    shared: bool = False,
    device: Literal["cpu", "cuda"] = "cuda",
) -> int | None:
    """Bytes to train HEADER's model by METHOD; None where METHOD does not work on QUANTIZATION.

    tokens: length of the one sequence of a step; taught: those of them whose logits are made, None for all.
    dropout: whether adapters have it. checkpointing: activations are worked out again on the way back, and
    only each layer's input is kept. shared: examples of a row share their beginning, which takes a mask.
    """
    if quantization not in BASES[method] or header.kind == "gguf":
        return None
    taught = tokens if taught is None else taught
    if device == "cpu" and method != "full":
        return _on_cpu(header, quantization, tokens, taught, rank, dropout, checkpointing, shared)
    if method == "full":
        copy = 0 if quantization == "f32" else 2 * header.parameters
        staying = copy + STATE * header.parameters
    else:
        staying = bytes_in(header, quantization) + STATE * adapter_parameters(header, rank)
    passing = _passing(header, quantization, tokens, taught, checkpointing)
    return int(staying + passing + (GPU_BESIDE_INT8 if quantization == "int8" else GPU_BESIDE))


def _passing(header: Header, quantization: str, tokens: int, taught: int, checkpointing: bool) -> int:
    """Bytes that come and go in a step on a GPU: each layer's input or all that it keeps, and then what is
    larger, the logits or the way back through one layer with its largest matrix unpacked."""
    shape = header.shape
    layer = tokens * 2 * (16 * shape.width + 5 * shape.inner)
    kept = tokens * 2 * shape.width if checkpointing else layer
    if quantization == "int8":  # bitsandbytes 0.50 keeps what goes into the matrices, in 16 bits and in 8
        kept += 3 * tokens * _read_by_layer(header)
    unpacked = _unpacked(header, quantization, 2)
    return shape.layers * kept + max(_logits(header, taught), layer + unpacked)


def adapter_parameters(header: Header, rank: int) -> int:
    """Trained numbers of LoRA of RANK on every linear layer but embedding and output."""
    return sum(rank * sum(tensor.shape[-2:]) for tensor in header.tensors if _linear(role(tensor)))


def _linear(kind: str) -> bool:
    return kind in ("matrix", "qkv", "value", "down")


def _unpacked(header: Header, quantization: str, number: int) -> int:
    """Bytes of the largest matrix in numbers of NUMBER bytes, which it is unpacked to; 0 where it is not."""
    matrices = (tensor.count for tensor in header.tensors if _linear(role(tensor)))
    return 0 if quantization in ("f32", "f16", "bf16") else number * max(matrices, default=0)


def _read_by_layer(header: Header) -> int:
    """Numbers of a token that go into a layer's matrices; what several read counts once."""
    shape = header.shape
    return 2 * shape.width + shape.heads * shape.key + shape.inner


def _on_cpu(
    header: Header, quantization: str, tokens: int, taught: int, rank: int,
    dropout: bool, checkpointing: bool, shared: bool,
) -> int:  # fmt: skip
    """LoRA's bytes on a CPU, tensor by tensor: float32 and nf4 are multiplied in float32, the rest in
    bfloat16."""
    number = 4 if quantization in ("f32", "nf4") else 2
    shape = header.shape
    stream = tokens * shape.width * number
    layer = tokens * _kept_by_layer(header, number, dropout=dropout, rank=rank)
    if shared:
        layer += number * tokens**2
    way_back = tokens * number * (shape.width + 2 * shape.inner)  # through the last layer's feed-forward part
    said = _logits(header, taught) + stream
    whole = shape.layers * (stream if checkpointing else layer)
    passing = whole + max(said, layer + way_back if checkpointing else way_back)
    unpacked = _unpacked(header, quantization, number)
    if quantization == "int8":  # bitsandbytes 0.50 keeps what goes into each matrix, checkpointing or not
        passing += shape.layers * tokens * number * _read_by_layer(header)
    base = bytes_in(header, quantization)
    if quantization == "nf4":  # what is not quantized stands in float32
        base += 2 * sum(tensor.count for tensor in header.tensors if not _linear(role(tensor)))
    return int(base + CPU_LIBRARIES + STATE * adapter_parameters(header, rank) + passing + unpacked)


def _kept_by_layer(header: Header, number: int, *, dropout: bool, rank: int) -> int:
    """Bytes for each token that one layer keeps for the way back, its numbers being of NUMBER bytes.

    The stream before each half, query, key, value, what attention gives, gate, up and their activation; and
    in float32 what goes into each adapter, with DROPOUT once more for its mask, and what its first matrix
    gives. Without dropout layers that read the same share it, unless it has to be cast for each.
    """
    shape = header.shape
    queries, keys = shape.heads * shape.key, shape.kv_heads * (shape.key + shape.value)
    kept = number * (2 * shape.width + 2 * queries + keys + 3 * shape.inner)
    read = _linear_inputs(header)
    if dropout:
        adapters = 8 * read
    elif number == 4:
        adapters = 4 * (2 * shape.width + queries + shape.inner)
    else:
        adapters = 4 * read
    norms = 8 * shape.width if number == 2 else 0  # worked out in float32
    return kept + adapters + norms + 4 * rank * _linear_count(header)


def _linear_inputs(header: Header) -> int:
    """Numbers that go into the linear layers of one layer; a fused query, key and value counts as three."""
    read = sum(
        tensor.shape[-1] * (3 if role(tensor) == "qkv" else 1)
        for tensor in header.tensors
        if _linear(role(tensor))
    )
    return read // header.shape.layers


def _linear_count(header: Header) -> int:
    return sum(_linear(role(tensor)) for tensor in header.tensors) // header.shape.layers


def _logits(header: Header, tokens: int) -> int:
    """Logits, their softmax and their gradient, in float32."""
    return 3 * 4 * tokens * header.shape.vocabulary
