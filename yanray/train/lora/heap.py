"""The C library's heap, told to give large blocks back when they are freed.

glibc raises the size from which it does so up to 32 MiB by itself, and keeps the gaps of everything smaller.
A training asks for tens of blocks of a few MiB in each layer: its gaps came to twice to four times what was
alive, and to another figure in each run, so no plan could be right (benchmarks/train_memory.py).
"""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD = -3  # malloc.h
BLOCK = 1 << 20  # bytes


def give_back() -> bool:
    """Have blocks from BLOCK bytes on mapped on their own; whether this C library has the switch."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    return mallopt is not None and bool(mallopt(M_MMAP_THRESHOLD, BLOCK))
