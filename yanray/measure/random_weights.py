"""A GGUF of a given shape with random weights: it takes the time and the memory of a real model.

What attention and feed-forward layers work out is multiplied by zeros at the end, which costs the same; so
the model says what `random_words` lays down, and a measurement can be repeated exactly.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from yanray.measure.random_blocks import POOL, pooled_rows, random_rows, stored_kind
from yanray.measure.random_words import Words, make_words, write_words
from yanray.models.shape import Shape, tensors_of

SILENT = ("attn_output.weight", "ffn_down.weight")  # the last matrix of each half of a layer


def write_random(
    path: Path,
    name: str,
    shape: Shape,
    kind: str,
    *,
    answer: int = 0,
    told: Callable[[str], None] | None = None,
) -> Path:
    """Write a model of SHAPE in KIND (a key of `random_blocks.KINDS`) to PATH, whole or not at all; PATH.

    answer: words after which its rounds end, 0: never.
    """
    import gguf

    if told:
        told(f"writing random weights of the shape {name} to {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}.part")
    writer = gguf.GGUFWriter(aside, shape.family)
    words = make_words(shape.vocabulary, answer)
    try:
        _header(writer, name, shape)
        write_words(writer, words)
        _describe(writer, shape, kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        _tensors(writer, shape, kind, words)
        writer.close()
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return path


def _header(writer: Any, name: str, shape: Shape) -> None:
    writer.add_name(f"random weights, {name}")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.key // 2 if shape.family == "chatglm" else shape.key)
    writer.add_vocab_size(shape.vocabulary)


def _describe(writer: Any, shape: Shape, kind: str) -> None:
    """Announce every tensor; gguf wants to know all before the first is written."""
    import gguf

    for tensor in tensors_of(shape):
        stored = gguf.GGMLQuantizationType[stored_kind(tensor.name, tensor.shape, kind)]
        dtype = np.dtype(np.float32 if stored == gguf.GGMLQuantizationType.F32 else np.uint8)
        bytes_shape = (
            gguf.quant_shape_to_byte_shape(tensor.shape, stored) if dtype == np.uint8 else tensor.shape
        )
        count = int(np.prod(bytes_shape)) * dtype.itemsize
        writer.add_tensor_info(tensor.name, bytes_shape, dtype, count, raw_dtype=stored)


def _tensors(writer: Any, shape: Shape, kind: str, words: Words) -> None:
    rng = np.random.default_rng(1)
    pool = np.frombuffer(rng.bytes(POOL), np.uint8)
    table: Any = None
    newline, marker = words.alike
    for tensor in tensors_of(shape):
        stored = stored_kind(tensor.name, tensor.shape, kind)
        if stored == "F32":
            rows = np.ones(tensor.shape, np.float32)
        elif tensor.name == "token_embd.weight":
            rows = table = random_rows(rng, tensor.shape, stored)
            table[newline] = table[marker]
        elif tensor.name == "output.weight":
            rows = np.empty_like(table)
            rows[words.follows] = table  # what looks most like a token is the row of its successor
            rows[newline] = 0  # is never said
        else:
            rows = pooled_rows(pool, tensor.shape, stored, 0.0 if tensor.name.endswith(SILENT) else 0.01)
        writer.write_tensor_data(rows)
