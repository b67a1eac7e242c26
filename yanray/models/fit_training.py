"""Which models can be trained on a machine, in which numbers, and what would fit where none does: the table
behind `yanray fit --train`.

Answering has no part in it: the memory of training follows from the length of its sequences, not from the
context of a conversation, so that there is one row for each number format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from yanray.models.cards import unsupported
from yanray.models.catalogue import catalogue
from yanray.models.fit import PATIENCE, Fits, Row, row_for
from yanray.models.machine import Machine, known_machines
from yanray.models.shape import Header
from yanray.models.training import BASES, LONGEST, Method, training_bytes

CHEAPER: dict[Method, tuple[Method, ...]] = {"full": ("lora", "qlora"), "lora": ("qlora",), "qlora": ()}
SHORTEST = 128  # tokens of a sequence that are still worth training on
# What a base is best trained in comes first: 16 bits are what it was made in, float32 doubles them for
# nothing, and the rest are for what does not fit.
PREFERRED = ("bf16", "f16", "f32", "int8", "nf4")
Named = tuple[str, Header]


def training_rows(
    header: Header, machine: Machine, method: Method, *, context: int = 0, name: str = ""
) -> list[Row]:
    """HEADER's model in every format that METHOD trains, with sequences of CONTEXT tokens or the usual ones.

    None for a GGUF file, which is not trained.
    """
    tokens = min(context or LONGEST, header.shape.context)
    found = []
    for each in BASES[method]:
        if each in ("f16", "bf16") and each != _half(header, machine):
            continue
        needed = training_bytes(header, each, method, tokens=tokens, device="cuda" if machine.vram else "cpu")
        if needed is not None:
            row = row_for(header, machine, each, tokens, name)
            place: Fits = "vram" if machine.vram else "ram"
            found.append(replace(row, training_bytes=needed, fits=place if needed <= room(machine) else "no"))
    return found


def _half(header: Header, machine: Machine) -> str:
    """The 16-bit numbers that HEADER's model comes in, as far as MACHINE has them."""
    return "bf16" if header.quantization == "bf16" and "bf16" not in unsupported(machine) else "f16"


def room(machine: Machine) -> int:
    """Bytes that a training may take."""
    return machine.vram or machine.ram


def choose_training(rows: Iterable[Row], machine: Machine) -> Row | None:
    """The row to train: of the models that are read bearably fast, for training is reading, the largest that
    fits, in the numbers that suit it best; else the fastest."""
    return max((row for row in able(rows, machine) if row.fits != "no"), key=_worth, default=None)


def able(rows: Iterable[Row], machine: Machine) -> list[Row]:
    """Those of ROWS whose numbers run on MACHINE."""
    wrong = unsupported(machine)
    return [row for row in rows if row.quantization not in wrong]


def _worth(row: Row) -> tuple[object, ...]:
    seconds = row.prompt_seconds or 0.0
    bearable = seconds <= PATIENCE
    return (bearable, row.parameters if bearable else -seconds, -PREFERRED.index(row.quantization))


def what_fits(models: Sequence[Named], machine: Machine, method: Method, context: int) -> list[str]:
    """What to write instead, with the memory that it takes, where nothing of MODELS fits: a cheaper method,
    shorter sequences, a smaller model of the catalogue, another machine."""
    found = [*_methods(models, machine, method, context), *_shorter(models, machine, method, context)]
    if len(models) == 1:
        found += _smaller(models[0][1], machine, method, context)
    return [*found, *_elsewhere(models, machine, method, context)]


def all_rows(models: Iterable[Named], machine: Machine, method: Method, context: int) -> list[Row]:
    """The rows of each of MODELS."""
    return [
        row
        for name, header in models
        for row in training_rows(header, machine, method, context=context, name=name)
    ]


def _best(models: Iterable[Named], machine: Machine, method: Method, context: int) -> Row | None:
    return choose_training(all_rows(models, machine, method, context), machine)


def _methods(models: Sequence[Named], machine: Machine, method: Method, context: int) -> Iterator[str]:
    for other in CHEAPER[method]:
        row = _best(models, machine, other, context)
        if row is not None:
            yield _told(f"--train {other}", row, name=len(models) > 1)


def _shorter(models: Sequence[Named], machine: Machine, method: Method, context: int) -> Iterator[str]:
    tokens = (context or LONGEST) // 2
    while tokens >= SHORTEST:
        row = _best(models, machine, method, tokens)
        if row is not None:
            yield _told(f"--context {tokens}", row, name=len(models) > 1)
            return
        tokens //= 2


def _smaller(header: Header, machine: Machine, method: Method, context: int) -> Iterator[str]:
    smaller = [
        (entry.name, entry.header)
        for entry in catalogue().values()
        if entry.header is not None and entry.header.parameters < header.parameters
    ]
    row = _best(smaller, machine, method, context)
    if row is not None:
        yield _told("", row, name=True)


def _elsewhere(models: Sequence[Named], machine: Machine, method: Method, context: int) -> Iterator[str]:
    """The known machine with the least memory on which one of MODELS can be trained."""
    for other in sorted(known_machines().values(), key=room):
        row = _best(models, other, method, context) if other.name != machine.name else None
        if row is not None:
            yield _told(f"--machine {other.name}", row, name=len(models) > 1)
            return


def _told(words: str, row: Row, *, name: bool) -> str:
    parts = [
        *([row.model] if name and words else []),
        row.quantization,
        f"{(row.training_bytes or 0) / 1e9:.2f} GB",
    ]
    return f"{words or row.model} ({', '.join(parts)})"
