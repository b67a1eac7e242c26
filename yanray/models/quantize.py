"""Quantizing a model once, with llama.cpp's own quantizer, and measuring what it cost.

INT8 and NF4, which are bitsandbytes', are made in `quantize_folder`.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanray.errors import DataError, ModelError
from yanray.models.convert import convert
from yanray.models.formats import PLAIN
from yanray.models.headers import read_header

if TYPE_CHECKING:
    from types import ModuleType

TARGETS = ("q8_0", "q5_k_m", "q4_k_m", "f16")
WINDOW = 512  # tokens that are evaluated together; the second half of each is judged
DECODED = 48  # tokens that are timed


@dataclass(frozen=True, slots=True)
class Measured:
    """A model on a text. perplexity: of the second half of each window of the text; greedy: the likeliest
    next token at each of those places; speed: new tokens/s."""

    bytes: int
    perplexity: float
    greedy: tuple[int, ...]
    speed: float


def agreement(one: Measured, other: Measured) -> float:
    """Share of places at which both hold the same next token for the likeliest."""
    pairs = list(zip(one.greedy, other.greedy, strict=True))
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else 1.0


@contextmanager
def as_gguf(source: Path) -> Iterator[Path]:
    """SOURCE itself, or, of a folder of safetensors, a GGUF file beside it that goes again."""
    if not source.is_dir():
        yield source
        return
    made = source.with_name(f"{source.name}.converted.gguf")
    try:
        convert(source, made)
        yield made
    finally:
        made.unlink(missing_ok=True)


def quantize(source: Path, target: Path, to: str) -> None:
    """Write the GGUF file SOURCE to TARGET in the format TO. Raises DataError or ModelError; TARGET is
    whole or not there."""
    header = read_header(source)
    if header.quantization not in PLAIN:
        raise DataError(f"{source}: is {header.quantization} already; quantize from f16, bf16 or f32 weights")
    if target.exists():
        raise DataError(f"{target}: exists already; name another file, or remove it first")
    lib = quiet_library()
    options = lib.llama_model_quantize_default_params()
    options.ftype = getattr(lib, f"LLAMA_FTYPE_MOSTLY_{to.upper()}")
    options.nthread = os.cpu_count() or 1
    part = target.with_name(f"{target.name}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        if lib.llama_model_quantize(str(source).encode(), str(part).encode(), ctypes.byref(options)):
            raise ModelError(f"{source}: llama.cpp could not quantize it to {to}; is the disk full?")
        read_header(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def measure(path: Path, text: str) -> Measured:
    """Run the model at PATH over TEXT. Raises DataError when TEXT is too short for it."""
    lib = quiet_library()
    model = lib.Llama(str(path), n_ctx=WINDOW, n_batch=128, logits_all=True, verbose=False)
    try:
        ids = model.tokenize(text.encode(), add_bos=False, special=False)
        if len(ids) < WINDOW // 8:
            raise DataError(
                f"the text has {len(ids)} tokens; {WINDOW // 8} are the least to judge a model by"
            )
        loss, places = 0.0, 0
        greedy: list[int] = []
        for start in range(0, len(ids), WINDOW):
            window = ids[start : start + WINDOW]
            if len(window) >= WINDOW // 8:
                lost, likeliest = _judge(model, window)
                loss, places, greedy = loss + lost, places + len(likeliest), greedy + likeliest
        speed = _decode_speed(model, ids)
    finally:
        model.close()
    import numpy as np

    return Measured(path.stat().st_size, float(np.exp(loss / places)), tuple(greedy), speed)


def _judge(model: Any, window: list[int]) -> tuple[float, list[int]]:
    """(sum of -log p of the second half of WINDOW, likeliest token at each of its places)."""
    import numpy as np

    model.reset()
    model.eval(window)
    half = len(window) // 2
    logits = np.asarray(model.scores[half - 1 : len(window) - 1], dtype=np.float64)
    peak = logits.max(axis=1, keepdims=True)
    normal = peak[:, 0] + np.log(np.exp(logits - peak).sum(axis=1))
    chosen = logits[np.arange(len(logits)), window[half:]]
    return float((normal - chosen).sum()), [int(token) for token in logits.argmax(axis=1)]


def _decode_speed(model: Any, ids: list[int]) -> float:
    """New tokens/s after a short prompt."""
    model.reset()
    model.eval(ids[:32])
    begun = time.perf_counter()
    for token in range(DECODED):
        model.eval([ids[token % len(ids)]])
    return DECODED / (time.perf_counter() - begun)


@cache
def quiet_library() -> ModuleType:
    """llama_cpp with its log, which would fill the terminal, going nowhere."""
    import llama_cpp

    llama_cpp.llama_log_set(_silence(), ctypes.c_void_p(0))
    module: ModuleType = llama_cpp
    return module


@cache
def _silence() -> Any:
    """A callback, which must live as long as llama.cpp may call it."""
    import llama_cpp

    return llama_cpp.llama_log_callback(lambda level, text, data: None)
