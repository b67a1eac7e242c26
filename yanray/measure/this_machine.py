"""The machine that a figure was measured on, in words."""

from __future__ import annotations

import platform
from pathlib import Path


def this_machine() -> str:
    """Processor, cores, memory, system: `AMD EPYC, 2 cores, 24 GB, Linux x86_64`."""
    import psutil

    from yanray.cores.machine import physical_cores

    memory = psutil.virtual_memory().total / 1e9
    parts = (_processor(), f"{physical_cores()} cores", f"{memory:.0f} GB")
    return ", ".join((*parts, f"{platform.system()} {platform.machine()}"))


def _processor() -> str:
    """The processor's name: /proc has it on Linux, on ARM boards the device tree has the board's."""
    board = Path("/proc/device-tree/model")
    if board.is_file():
        return board.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
