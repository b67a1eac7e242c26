"""Whether a folder's weights fit a card, in which numbers, from the headers alone.

Nothing is ever put aside into slower memory unasked: what does not fit is refused, with what would.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yanray.chatglm.weights import stored_tensors
from yanray.cores.hf_card import FULL, Card
from yanray.cores.hf_files import weight_files
from yanray.errors import ModelError

KEPT = re.compile(r"embed|lm_head|output_layer|\bwte\b|\bwpe\b")  # not quantized by bitsandbytes
WIDTH = {"fp32": 4, "bf16": 2, "fp16": 2}
GGUF_BITS = {"q8_0": 8.5, "q4_k_m": 4.85}
SPARE = 1.1  # times the weights: what running them takes beside, without the KV cache


@dataclass(frozen=True, slots=True)
class Weights:
    """How many numbers a folder holds: all, those of layers' matrices, and the rows of these."""

    all: int
    matrices: int
    rows: int

    def needed(self, load: str, computes: str) -> int:
        """Bytes that running them as LOAD takes, the rest in COMPUTES; int8 keeps a float for each row, nf4
        one for each 64 numbers."""
        if load in FULL:
            return round(self.all * WIDTH[load] * SPARE)
        rest = (self.all - self.matrices) * WIDTH[computes]
        small = self.matrices + self.rows * 4 if load == "int8" else self.matrices // 2 + self.matrices // 16
        return round((rest + small) * SPARE)


def weigh(folder: Path) -> Weights:
    """The weights in FOLDER. Raises ModelError, DataError."""
    total = matrices = rows = 0
    for name, shape in _shapes(folder):
        count = math.prod(shape)
        total += count
        if len(shape) == 2 and not KEPT.search(name):
            matrices, rows = matrices + count, rows + shape[0]
    return Weights(total, matrices, rows)


def fitting_load(weights: Weights, load: str, card: Card, folder: Path) -> tuple[str, str]:
    """LOAD with `auto` resolved to the best that fits CARD, and what is to be said of it, "" for nothing.

    Raises ModelError, with what would fit, when nothing does.
    """
    loads = (card.native, *(("bf16",) if card.capability is None else ()), "int8", "nf4")
    needed = {each: weights.needed(each, card.computes(each)) for each in dict.fromkeys((*loads, *FULL))}
    fitting = [each for each in loads if needed[each] <= card.free]
    if load == "auto" and fitting:
        first = fitting[0]
        if first == card.native:
            return first, ""
        return first, (
            f"{folder.name} is loaded as {first}: {card.native} would need {_gib(needed[card.native])}, "
            f"{card.name} has {_gib(card.free)} free"
        )
    wanted = card.native if load == "auto" else load
    if load != "auto" and needed[load] <= card.free:
        return load, ""
    raise ModelError(_refusal(folder, weights, wanted, needed, fitting, card))


def check_stored(folder: Path, card: Card) -> None:
    """Raise ModelError when weights that are quantized already do not fit CARD as they are."""
    needed = round(sum(path.stat().st_size for path in weight_files(folder)) * SPARE)
    if needed > card.free:
        raise ModelError(
            f"{folder}: needs {_gib(needed)}, {card.name} has {_gib(card.free)} free; take a smaller model, "
            "or a GGUF, of which the GGUF core puts on a card what fits"
        )


def _refusal(
    folder: Path, weights: Weights, wanted: str, needed: dict[str, int], fitting: list[str], card: Card
) -> str:
    fits = [f"{each} ({_gib(needed[each])})" for each in fitting]
    remedy = f"set `machine.load` to {' or '.join(fits)}, or give" if fits else "give"
    ggufs = " or ".join(f"{kind} ({_gib(weights.all * bits / 8)})" for kind, bits in GGUF_BITS.items())
    return (
        f"{folder}: needs {_gib(needed[wanted])} as {wanted}, {card.name} has {_gib(card.free)} free; "
        f"{remedy} a GGUF of it, {ggufs}, of which the GGUF core puts on a card what fits: "
        f"yanray quantize {folder} FILE.gguf"
    )


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"


def _shapes(folder: Path) -> list[tuple[str, Any]]:
    """(name, sizes) of each tensor, from the headers."""
    if not weight_files(folder):  # pickles, mapped and not read
        return [(name, tuple(tensor.shape)) for name, tensor in stored_tensors(folder)]
    from safetensors import SafetensorError, safe_open

    found: list[tuple[str, Any]] = []
    for path in weight_files(folder):
        try:
            with safe_open(str(path), framework="numpy") as stored:
                found += [(name, stored.get_slice(name).get_shape()) for name in stored.keys()]  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path}: damaged or cut short ({error}); fetch it again") from None
    return found
