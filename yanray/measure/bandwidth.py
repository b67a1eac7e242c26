"""How fast this machine reads its memory: the limit of decoding, which reads every weight for each token."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

SIZE = 256 << 20  # bytes for each thread: well over what caches hold
ROUNDS = 3


def read_bandwidth(threads: int) -> float:
    """Bytes per second when THREADS read at once, the best of a few rounds.

    Each ORs the 64-bit words of an array of its own with numpy, which lets go of Python's lock: one load for
    eight bytes and nothing written.
    """
    arrays = [np.ones(SIZE // 8, np.uint64) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        return max(_one_round(pool, arrays) for _ in range(ROUNDS))


def _one_round(pool: ThreadPoolExecutor, arrays: list[Any]) -> float:
    begun = time.perf_counter()
    list(pool.map(np.bitwise_or.reduce, arrays))
    return SIZE * len(arrays) / (time.perf_counter() - begun)
