"""Blocks of the feed as batches for one GPU, made ready by a thread while the GPU works."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from yanray.train.feed import Feed
from yanray.train.model import Tensor
from yanray.train.packing import KIND_SHIFT
from yanray.train.render import NOTHING, WEIGHTS

AHEAD = 4  # batches


@dataclass(slots=True)
class Batch:
    """Rows laid end to end. `taken`: the feed's counters after this batch, for a resume."""

    ids: NDArray[np.int32]
    meta: NDArray[np.uint8]
    positions: NDArray[np.int32]
    borders: NDArray[np.int32]
    taken: tuple[int, ...]
    totals: dict[str, int]


@dataclass(slots=True)
class OnDevice:
    """A batch on its device. All of shape [tokens] but `borders` [documents + 1]; `meta` and `weights` are
    of targets.
    """

    ids: Tensor
    positions: Tensor
    borders: Tensor
    targets: Tensor
    meta: Tensor
    weights: Tensor


def assemble(blocks: list[tuple[NDArray[Any], ...]], taken: tuple[int, ...], totals: dict[str, int]) -> Batch:
    """One batch of BLOCKS (ids, meta, positions)."""
    ids, meta, positions = (np.concatenate([block[i].reshape(-1) for block in blocks]) for i in range(3))
    borders = np.append(np.flatnonzero(positions == 0), len(ids)).astype(np.int32)
    return Batch(ids.astype(np.int32), meta, positions.astype(np.int32), borders, taken, totals)


def to_device(batch: Batch, device: Any) -> OnDevice:
    """BATCH on DEVICE, with targets and their loss weights: the next token, unless it begins another
    document.
    """
    ids, meta, positions, borders = (
        _send(a, device) for a in (batch.ids, batch.meta, batch.positions, batch.borders)
    )
    meta = torch.roll(meta, -1)
    worth = torch.tensor(WEIGHTS, device=device)[(meta & ((1 << KIND_SHIFT) - 1)).long()]
    worth = torch.where(torch.roll(positions, -1) == 0, WEIGHTS[NOTHING], worth)
    return OnDevice(ids, positions, borders, torch.roll(ids, -1).long(), meta, worth)


def _send(array: NDArray[Any], device: Any) -> Tensor:
    tensor = torch.from_numpy(array)
    if torch.device(device).type != "cuda":
        return tensor
    return tensor.pin_memory().to(device, non_blocking=True)


class Batches:
    """Batches of ROWS rows from FEED, `AHEAD` of them ready."""

    def __init__(self, feed: Feed, rows: int) -> None:
        self.feed = feed
        self.blocks = rows // feed.recipe.block_rows
        self.ready: queue.Queue[Batch | BaseException] = queue.Queue(AHEAD)
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._fill, daemon=True)
        self.thread.start()

    def next(self) -> Batch:
        """The next batch; an error of the feed is raised here."""
        item = self.ready.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _fill(self) -> None:
        while not self.closing.is_set():
            try:
                blocks = [self.feed.block() for _ in range(self.blocks)]
                item: Batch | BaseException = assemble(blocks, tuple(self.feed.taken), dict(self.feed.totals))
            except Exception as problem:  # noqa: BLE001  a thread's boundary: handed to the trainer
                item = problem
            self._offer(item)
            if isinstance(item, BaseException):
                return

    def _offer(self, item: Batch | BaseException) -> None:
        while not self.closing.is_set():
            try:
                self.ready.put(item, timeout=0.5)
            except queue.Full:
                continue
            return

    def close(self) -> None:
        """End the thread, then the workers."""
        self.closing.set()
        self.thread.join(timeout=60)
        self.feed.close()
