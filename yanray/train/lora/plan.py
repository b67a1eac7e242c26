"""What a training will take, told before it begins; and whether it can be done here at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from yanray.cores.hf_files import free_on
from yanray.cores.hf_load import STORED
from yanray.errors import ModelError
from yanray.models.headers import read_header
from yanray.models.shape import Header
from yanray.models.training import adapter_parameters, training_bytes
from yanray.train.lora.base import Base
from yanray.train.lora.packing import Example, Row, shares, size
from yanray.train.lora.recipe import Recipe

FORMATS = {"fp32": "f32", "fp16": "f16", "bf16": "bf16", "int8": "int8", "nf4": "nf4"}
SHORTEST = 256  # tokens of a row that a conversation still fits into


@dataclass(frozen=True, slots=True)
class Run:
    """What the memory follows from, beside the model; see `training_bytes`."""

    tokens: int
    taught: int
    rank: int
    dropout: bool
    checkpointing: bool
    shared: bool
    device: Literal["cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class Plan:
    """Counts, and bytes: `needed` at the peak by each of the `processes` here, `free` now on the device."""

    base: Base
    recipe: Recipe
    header: Header
    run: Run
    examples: int
    tokens: int
    taught: int
    steps: int
    rows: int
    needed: int
    free: int
    processes: int = 1

    def lines(self) -> list[str]:
        """The plan for people."""
        trained = adapter_parameters(self.header, self.recipe.rank)
        millions = self.header.parameters / 1e6
        return [
            f"base: {self.base.name}, {millions:,.1f} million numbers in {self.base.load}",
            f"adapter: rank {self.recipe.rank} on {self.recipe.targets} layers, up to {trained:,} numbers",
            f"data: {self.examples:,} examples, {self.tokens:,} tokens, {self.taught:,} of them taught",
            f"steps: {self.steps:,} ({self.recipe.epochs} epochs, {self.rows:,} rows of up to "
            f"{self.recipe.tokens:,} tokens, {self.recipe.accumulate} in a step)",
            f"memory: {_size(self.needed)} on {self.base.device}{self._each}, {_size(self.free)} are free",
        ]

    def check(self) -> None:
        """Raise ModelError, with the remedy, when the memory is not there."""
        room = self.free // self.processes
        if self.needed <= room:
            return
        smaller = self._smaller()
        remedies = [f"{words} ({_size(need)})" for words, need in smaller if need <= room]
        remedies += ["fewer processes"] if self.processes > 1 and self.needed <= self.free else []
        words, need = min(smaller, key=lambda way: way[1], default=("all of it", self.needed))
        none = f"take a smaller model: with {words} it would still need {_size(need)}"
        raise ModelError(
            f"{self.base.name}: training it needs {_size(self.needed)}{self._each}, {self.base.device} has "
            f"{_size(self.free)} free; {' or '.join(remedies) or none}"
        )

    @property
    def _each(self) -> str:
        return f" for each of {self.processes} processes" if self.processes > 1 else ""

    def _smaller(self) -> list[tuple[str, int]]:
        """Cheaper ways, the least loss first, with what they need."""
        loads = ("int8", "nf4") if self.base.load in ("fp32", "fp16", "bf16") else ()
        found = []
        if not self.run.checkpointing:
            run = replace(self.run, checkpointing=True)
            found.append(("--checkpointing", _bytes(self.header, self.base.load, run)))
        found += [(f"--load {load}", _bytes(self.header, load, self.run)) for load in loads]
        shorter = self._shorter(self.base.load, self.run)
        found.append((f"--tokens {shorter.tokens}", _bytes(self.header, self.base.load, shorter)))
        kept = replace(self.run, checkpointing=True)
        least = self._shorter("nf4" if loads else self.base.load, kept)
        words = "" if self.run.checkpointing else "--checkpointing "
        words += f"--load nf4 --tokens {least.tokens}" if loads else f"--tokens {least.tokens}"
        found.append((words, _bytes(self.header, "nf4" if loads else self.base.load, least)))
        return found

    def _shorter(self, load: str, run: Run) -> Run:
        """RUN with rows halved until it fits in the numbers LOAD, or they are hardly rows any more."""
        tokens = run.tokens
        while tokens > SHORTEST:
            tokens = max(SHORTEST, tokens // 2)
            run = replace(run, tokens=tokens, taught=min(tokens, run.taught))
            if _bytes(self.header, load, run) <= self.free // self.processes:
                break
        return run


def plan(
    base: Base, recipe: Recipe, examples: Sequence[Example], steps: Sequence[Sequence[Row]], local: int = 1
) -> Plan:
    """The plan of training BASE by RECIPE on EXAMPLES in the rows of STEPS, in LOCAL processes of this
    computer, which share its memory where they run on its CPU."""
    header = read_header(base.folder)
    rows = [row for step in steps for row in step]
    run = Run(
        tokens=max((size(examples, row) for row in rows), default=0),
        taught=max((sum(examples[index].targets for index in row) for row in rows), default=0),
        rank=recipe.rank,
        dropout=recipe.dropout > 0,
        checkpointing=recipe.checkpointing,
        shared=any(shares(examples, row) for row in rows),
        device="cpu" if base.device == "cpu" else "cuda",
    )
    return Plan(
        base=base,
        recipe=recipe,
        header=header,
        run=run,
        examples=len(examples),
        tokens=sum(len(each.ids) for each in examples),
        taught=sum(each.targets for each in examples),
        steps=len(steps),
        rows=len(rows),
        needed=_bytes(header, base.load, run),
        free=free_on(base.device),
        processes=local if base.device == "cpu" else 1,
    )


def _bytes(header: Header, load: str, run: Run) -> int:
    """Bytes at the peak; a folder that is quantized already is reckoned as it lies."""
    if load == STORED:
        load = "int8" if header.weights_bytes > header.parameters else "nf4"
    found = training_bytes(header, FORMATS[load], "qlora" if load == "nf4" else "lora", **asdict(run))
    assert found is not None
    return found


def _size(count: int) -> str:
    return f"{count / 2**30:.2f} GiB"
