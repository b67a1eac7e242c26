"""What `yanray bench` measures in processes of their own: from the start to the first text, and memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from yanray.errors import ModelError

Run = dict[str, float]

QUESTION = "hello, who is there?"
COUNTS = re.compile(r"reused (\d+), read (\d+)")
LOAD = re.compile(r"^load +([\d.]+)", re.MULTILINE)
MEMORY = re.compile(r"^memory +([\d.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asked:
    """One `yanray ask`. first: seconds from its start to the first text, whole: to its end. peak: bytes of
    memory it held at most, 0 where the system does not say."""

    first: float
    whole: float
    load: float
    reused: int
    read: int
    peak: float


def measure_start(
    model: Path, system: str, *, config: Path | None, runs: int, told: Callable[[str], None]
) -> Iterator[Run]:
    """RUNS times: an `ask` with nothing on disk, one that finds the prefix there, and a bare import.

    The model's file is read once before, so that all find it in the system's cache.
    """
    for number in range(runs + 1):
        told(f"starting, run {number} of {runs}")
        with tempfile.TemporaryDirectory(prefix="yanray-bench-") as home:
            cold = ask(model, system, config, Path(home))
            saved = ask(model, system, config, Path(home))
        imported = _seconds([sys.executable, "-c", "import llama_cpp"])
        if number:
            yield {
                "load": saved.load,
                "cold": cold.first,
                "saved": saved.first,
                "process": saved.whole,
                "import": imported,
                "reused": saved.reused,
                "peak": max(cold.peak, saved.peak),
            }


def ask(model: Path, system: str, config: Path | None, home: Path) -> Asked:
    """`yanray ask` with the prefixes in HOME. Raises ModelError when it fails."""
    words = ["ask", "--no-tools", "--verbose", "-m", str(model), "-s", system, "-o", "max_tokens=4"]
    command = [
        sys.executable,
        "-m",
        "yanray",
        *words,
        *(["--config", str(config)] if config else []),
        QUESTION,
    ]
    environment = {**os.environ, "YANRAY_HOME": str(home)}
    with tempfile.TemporaryFile() as errors:
        begun = perf_counter()
        started = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment
        )
        with started as child:
            assert child.stdout is not None
            child.stdout.read(1)
            first = perf_counter() - begun
            child.stdout.read()
        whole = perf_counter() - begun
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    counts, load, memory = COUNTS.search(said), LOAD.search(said), MEMORY.search(said)
    if child.returncode or counts is None or load is None:
        raise ModelError(f"{model}: `yanray ask` failed:\n{said.strip()}")
    peak = float(memory[1]) * 2**20 if memory else 0.0
    return Asked(first, whole, float(load[1]), int(counts[1]), int(counts[2]), peak)


def _seconds(command: list[str]) -> float:
    begun = perf_counter()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return perf_counter() - begun
