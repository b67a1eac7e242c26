"""Rows for the training, made beside it by worker processes.

A block of rows is a function of (seed, layout, worker, number of the block): the corpus is the same on every
machine with as many workers, and a resume goes on at the block where the training stood. Workers write
blocks into rings of shared memory. A GPU never waits when `reuse` is above 1: while nothing fresh is ready,
blocks that are still in the rings are shown again, each at most `reuse` times in all; with `reuse` 1 the
order is fixed and the training waits.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from yanray.errors import DataError
from yanray.train.document import Document
from yanray.train.packing import Rows, pack
from yanray.train.render import Renderer
from yanray.train.stages import STAGES, stage_index
from yanray.train.text import TextStore

Draw: TypeAlias = Callable[
    [random.Random, float], Document
]  # a fresh document for the fraction of the training
COUNTS = ("documents", "document_tokens", "dropped", "padding", "spoken", "faults", "longest")
TYPES: tuple[Any, ...] = (np.uint16, np.uint8, np.uint16)
WAIT = 2.0  # seconds between looks at whether the other side still lives
DRAWN = 32  # documents rendered together
FAULTS = 0.01  # share of drawn documents that may fail before a worker ends


@dataclass(frozen=True)
class Recipe:
    """All that decides a block, and sizes of the rings. `draw` must be importable: workers are fresh
    processes.

    total_rows: rows of the whole training, all ranks together, when its length is given in tokens; a block's
                fraction follows from its number. 0: the length is given in minutes, and the fraction is what
                the trainer says.
    """

    draw: Draw
    seed: int
    tokenizer: Path
    text: Path
    kinds: tuple[str, ...]
    row: int = 1024
    block_rows: int = 32
    workers: int = 1
    rank: int = 0
    world: int = 1
    total_rows: int = 0
    ring: int = 32
    reuse: int = 3

    @property
    def layout(self) -> str:
        """Block counters mean the same only under the same layout."""
        return f"{self.workers} workers, {self.world} ranks, blocks of {self.block_rows} rows of {self.row}"


class BlockMaker:
    """Makes the blocks of a recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.renderer = Renderer(recipe.tokenizer)
        self.text = TextStore(recipe.text)
        self.drawn = self.faults = 0

    def fraction(self, worker: int, number: int, told: float) -> float:
        """Where in the training block NUMBER of WORKER is used; TOLD counts when the length is given in
        minutes.
        """
        recipe = self.recipe
        if not recipe.total_rows:
            return told
        before = (number * recipe.workers + worker) * recipe.block_rows * recipe.world
        return before / recipe.total_rows

    def make(self, worker: int, number: int, told: float = 0.0) -> Rows:
        """Block NUMBER of WORKER."""
        recipe = self.recipe
        fraction = min(self.fraction(worker, number, told), 1.0)
        rng = random.Random(f"{recipe.seed}/{recipe.layout}/{recipe.rank}/{worker}/{number}")
        wanted = STAGES[stage_index(fraction)].conversations * recipe.block_rows * recipe.row
        documents = []
        tokens = 0
        while tokens < wanted:
            for document in self.renderer.render(self._draw(rng, fraction)):
                if tokens >= wanted:
                    break
                documents.append(document)
                tokens += len(document.ids) if len(document.ids) <= recipe.row else 0
        packed = pack(
            documents,
            lambda source: self.text.sample(source, recipe.row),
            rng,
            rows=recipe.block_rows,
            length=recipe.row,
            kinds=recipe.kinds,
            pad=self.renderer.pad,
        )
        packed.counts["faults"], self.faults = self.faults, 0
        return packed

    def _draw(self, rng: random.Random, fraction: float) -> list[Document]:
        documents = []
        for _ in range(DRAWN):
            self.drawn += 1
            try:
                documents.append(self.recipe.draw(rng, fraction))
            except Exception:  # one odd draw of a generator must not end hours of training
                self.faults += 1
                sys.stderr.write(f"A document could not be made:\n{traceback.format_exc()}")
                if self.faults > max(3, FAULTS * self.drawn):
                    raise
        return documents


@dataclass
class Ring:
    """One worker's blocks in shared memory, and the two semaphores that pass them to and fro."""

    memory: tuple[Any, ...]
    counts: Any
    fraction: Any
    free: Any
    ready: Any

    @classmethod
    def new(cls, context: SpawnContext, recipe: Recipe, fraction: Any) -> Ring:
        """Room for `recipe.ring` blocks."""
        cells = recipe.ring * recipe.block_rows * recipe.row
        memory = tuple(context.RawArray("B", cells * np.dtype(kind).itemsize) for kind in TYPES)
        counts = context.RawArray("q", recipe.ring * len(COUNTS))
        return cls(memory, counts, fraction, context.Semaphore(recipe.ring), context.Semaphore(0))

    def arrays(self, recipe: Recipe) -> tuple[NDArray[Any], ...]:
        """Views of the memory, each [ring, rows, length]: ids, meta, positions."""
        size = (recipe.ring, recipe.block_rows, recipe.row)
        return tuple(
            np.frombuffer(m, dtype=kind).reshape(size) for m, kind in zip(self.memory, TYPES, strict=True)
        )


def _work(recipe: Recipe, ring: Ring, worker: int, number: int) -> None:
    """A worker's life: blocks from NUMBER on, until the trainer is gone."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    parent = os.getppid()
    maker = BlockMaker(recipe)
    arrays = ring.arrays(recipe)
    counts = np.frombuffer(ring.counts, dtype=np.int64).reshape(recipe.ring, len(COUNTS))
    while True:
        while not ring.free.acquire(timeout=WAIT):
            if os.getppid() != parent:
                return
        rows = maker.make(worker, number, ring.fraction.value)
        slot = number % recipe.ring
        for array, part in zip(arrays, (rows.ids, rows.meta, rows.positions), strict=True):
            array[slot] = part
        counts[slot] = [rows.counts[name] for name in COUNTS]
        number += 1
        ring.ready.release()


@dataclass(eq=False)
class Kept:
    """A block that was shown and still stands in its ring; `last` counts blocks up to its last showing."""

    worker: int
    slot: int
    last: int
    shown: int = 1


class Feed:
    """Hands out blocks. `start` says, for each worker, which block comes first."""

    def __init__(self, recipe: Recipe, start: tuple[int, ...] | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self.recipe = recipe
        self.taken = list(start or (0,) * recipe.workers)
        self.fraction = context.RawValue("d", 0.0)
        self.rings = [Ring.new(context, recipe, self.fraction) for _ in range(recipe.workers)]
        self.views = [ring.arrays(recipe) for ring in self.rings]
        self.processes: list[SpawnProcess] = [
            context.Process(target=_work, args=(recipe, ring, worker, self.taken[worker]), daemon=True)
            for worker, ring in enumerate(self.rings)
        ]
        self.kept: list[Kept] = []
        self.totals: Counter[str] = Counter()
        self.next = sum(self.taken) % recipe.workers
        for process in self.processes:
            process.start()

    def block(self) -> tuple[NDArray[Any], ...]:
        """Ids, meta and positions of the next block, each [rows, length], copied out of the ring."""
        workers = self.recipe.workers
        order = [(self.next + i) % workers for i in range(workers)]
        if self.recipe.reuse == 1:
            return self._fresh(self._wait(order[0]))
        for worker in order:
            if self.rings[worker].ready.acquire(block=False):
                return self._fresh(worker)
        oldest = min(self.kept, key=lambda kept: (kept.shown, kept.last), default=None)
        if oldest and oldest.shown < self.recipe.reuse:
            return self._again(oldest)
        return self._fresh(self._wait(order[0]))

    def _wait(self, worker: int) -> int:
        self.totals["waits"] += 1
        while not self.rings[worker].ready.acquire(timeout=WAIT):
            if not self.processes[worker].is_alive():
                code = self.processes[worker].exitcode
                raise DataError(f"Worker {worker} of the feed ended (exit {code}); its error stands above.")
        return worker

    def _fresh(self, worker: int) -> tuple[NDArray[Any], ...]:
        recipe = self.recipe
        slot = self.taken[worker] % recipe.ring
        self.taken[worker] += 1
        self.next = (worker + 1) % recipe.workers
        counts = np.frombuffer(self.rings[worker].counts, dtype=np.int64).reshape(recipe.ring, -1)[slot]
        numbers = dict(zip(COUNTS, counts.tolist(), strict=True))
        self.totals["longest"] = max(self.totals["longest"], numbers.pop("longest"))
        self.totals.update(numbers | {"fresh": 1})
        block = self._copy(worker, slot)
        self.kept.append(Kept(worker, slot, self.totals["fresh"] + self.totals["again"]))
        mine = [kept for kept in self.kept if kept.worker == worker]
        if recipe.reuse == 1 or len(mine) > recipe.ring // 2:
            self.kept.remove(mine[0])  # in the ring's own order: the oldest first
            self.rings[worker].free.release()
        return block

    def _again(self, kept: Kept) -> tuple[NDArray[Any], ...]:
        self.totals["again"] += 1
        kept.shown += 1
        kept.last = self.totals["fresh"] + self.totals["again"]
        return self._copy(kept.worker, kept.slot)

    def _copy(self, worker: int, slot: int) -> tuple[NDArray[Any], ...]:
        return tuple(view[slot].copy() for view in self.views[worker])

    def close(self) -> None:
        """End the workers."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join()
