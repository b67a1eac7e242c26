"""Which models fit a machine, in which format, and how fast they answer: the table behind `yanray fit`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from yanray.models.cards import advice, unsupported
from yanray.models.formats import FORMATS, OFFERED, PLAIN
from yanray.models.machine import Machine
from yanray.models.memory import Need, need
from yanray.models.shape import Header
from yanray.models.speed import decode_speed, prompt_seconds

Fits = Literal["vram", "partly", "ram", "no"]

CONTEXTS = (4096, 32768)  # tokens reckoned with, as far as the model was trained for them
BEARABLE = 4.0  # tokens/s: about as fast as people read; below it, a smaller choice is the better one
PATIENCE = 60.0  # seconds for a prompt of 500 tokens, likewise
ENOUGH_BITS = 8.0  # more bits than these change no answer that a person would notice


@dataclass(frozen=True, slots=True)
class Row:
    """One model in one format with one context. tokens_per_second: None where it does not run, or is
    unknown. training_bytes: what training it takes, where that was asked (see `fit_training`); then the
    context is the length of a sequence, and `fits` is about training."""

    model: str
    quantization: str
    context: int
    weights_bytes: int
    kv_bytes: int
    total_bytes: int
    fits: Fits
    tokens_per_second: float | None
    prompt_seconds: float | None
    parameters: int
    training_bytes: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The row for `yanray fit --json`."""
        speed = self.tokens_per_second
        found: dict[str, Any] = {
            "model": self.model,
            "quantization": self.quantization,
            "context": self.context,
            "weights_bytes": self.weights_bytes,
            "kv_bytes": self.kv_bytes,
            "total_bytes": self.total_bytes,
            "fits": self.fits,
            "tokens_per_second": None if speed is None else round(speed, 2),
        }
        return found if self.training_bytes is None else {**found, "training_bytes": self.training_bytes}


def rows_for(header: Header, machine: Machine, *, context: int = 0, name: str = "") -> list[Row]:
    """HEADER's model in every format that it can have, with CONTEXT tokens or the usual ones."""
    formats: tuple[str, ...] = OFFERED if header.quantization in PLAIN else (header.quantization,)
    if header.kind == "gguf" and header.quantization in PLAIN:
        runs = [each for each in OFFERED if FORMATS[each].runner == "llama.cpp"]
        formats = (header.quantization, *runs)
    if header.quantization == "bf16" and "bf16" not in unsupported(machine):
        formats = tuple("bf16" if each == "f16" else each for each in formats)
    contexts = [context] if context else usual_contexts(header)
    return [row_for(header, machine, each, size, name) for each in formats for size in contexts]


def usual_contexts(header: Header) -> list[int]:
    """The contexts of CONTEXTS that HEADER's model was trained for, or its own if that is shorter."""
    return [size for size in CONTEXTS if size <= header.shape.context] or [header.shape.context]


def choose(rows: Iterable[Row]) -> Row | None:
    """The row to take: what fits and answers bearably fast, then the largest model, the most bits that
    matter, the longest context."""
    able = [row for row in rows if row.fits in ("vram", "ram") and row.tokens_per_second is not None]
    return max(able, key=_worth, default=None)


def _worth(row: Row) -> tuple[object, ...]:
    speed = row.tokens_per_second or 0.0
    bits = min(ENOUGH_BITS, FORMATS[row.quantization].bits if row.quantization in FORMATS else 4.0)
    if speed < BEARABLE or (row.prompt_seconds or 0.0) > PATIENCE:
        return (False, speed, row.parameters, bits, row.context)
    return (True, row.parameters, bits, row.context, speed)


def place(wanted: Need, machine: Machine) -> tuple[Fits, float]:
    """Where WANTED fits on MACHINE, and the share of the weights that VRAM then holds."""
    if machine.vram and wanted.least <= machine.vram:
        return "vram", 1.0
    if machine.vram:
        beside = wanted.kv + wanted.buffers
        share = max(0.0, (machine.vram - beside) / wanted.weights)
        if share > 0 and wanted.weights * (1 - share) <= machine.ram:
            return "partly", share
    return ("ram", 0.0) if wanted.least <= machine.ram else ("no", 0.0)


def row_for(header: Header, machine: Machine, quantization: str, context: int, name: str = "") -> Row:
    """HEADER's model, which is called NAME, in one format with one context."""
    wanted = need(header, quantization, context, machine)
    fits, on_gpu = place(wanted, machine)
    runs = fits != "no" and not (quantization in unsupported(machine) and on_gpu > 0)
    return Row(
        model=name or header.name,
        quantization=quantization,
        context=context,
        weights_bytes=wanted.weights,
        kv_bytes=wanted.kv,
        total_bytes=wanted.total,
        fits=fits,
        tokens_per_second=decode_speed(header, quantization, machine, on_gpu) if runs else None,
        prompt_seconds=prompt_seconds(header, quantization, machine, on_gpu) if runs else None,
        parameters=header.parameters,
    )


def as_json(machine: Machine, rows: Sequence[Row], chosen: Row | None) -> dict[str, Any]:
    """What `yanray fit --json` prints."""
    choice = None
    if chosen is not None:
        seconds = chosen.prompt_seconds
        choice = {**chosen.as_json(), "prompt_seconds": None if seconds is None else round(seconds, 2)}
    return {
        "machine": {**machine.as_json(), "advice": advice(machine), "unsupported": unsupported(machine)},
        "choice": choice,
        "rows": [row.as_json() for row in rows],
    }
