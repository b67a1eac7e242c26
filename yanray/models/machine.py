"""What a machine can hold and how fast: from the table of known ones, or measured here."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yanray.errors import ConfigError, UsageError
from yanray.paths import PACKAGE, home

TABLE = PACKAGE / "models" / "machines.yaml"
QUERY = "name,memory.total,memory.free,compute_cap,pcie.link.gen.max,pcie.link.width.max"
LANE = {1: 0.25e9, 2: 0.5e9, 3: 0.985e9, 4: 1.97e9, 5: 3.94e9}  # bytes/s of one PCIe lane by generation
ARRAY = 64 << 20  # bytes: far more than any cache that should not be measured
KEPT_FREE = 0.92  # of the RAM of a machine in the table; the rest is the system's


@dataclass(frozen=True, slots=True)
class Machine:
    """Bytes, bytes/s, operations/s.

    ram, vram: what a model may take. bandwidth: of the VRAM. flops: at which 16-bit matrices are multiplied
    on the GPU; ram_flops on the CPU. compute: CUDA compute capability. scale: of the usual share of
    bandwidth that is reached on this machine. architecture: as `uname -m` says it.
    """

    name: str
    title: str
    ram: int
    ram_bandwidth: float
    ram_flops: float
    vram: int = 0
    bandwidth: float = 0.0
    flops: float = 0.0
    compute: tuple[int, int] | None = None
    pcie: float = 0.0
    scale: float = 1.0
    architecture: str = "x86_64"
    sources: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For `yanray fit --json`."""
        return {
            "name": self.name,
            "title": self.title,
            "ram_bytes": self.ram,
            "ram_bandwidth": self.ram_bandwidth,
            "vram_bytes": self.vram,
            "vram_bandwidth": self.bandwidth or None,
            "compute_capability": f"{self.compute[0]}.{self.compute[1]}" if self.compute else None,
            "pcie_bandwidth": self.pcie or None,
            "sources": list(self.sources),
        }


def known_machines() -> dict[str, Machine]:
    """The table, the owner's own `machines.yaml` over it. Raises ConfigError for an entry that does not
    read."""
    own = home("config") / "machines.yaml"
    entries = _entries(TABLE) | (_entries(own) if own.is_file() else {})
    return {name: _machine(name, entry) for name, entry in entries.items()}


def named_machine(name: str) -> Machine:
    """The machine NAME of the table. Raises UsageError listing those there are."""
    machines = known_machines()
    if name not in machines:
        raise UsageError(f"no machine {name!r}; there are: {', '.join(machines)}")
    return machines[name]


def this_machine() -> Machine:
    """This machine, measured; its GPU as nvidia-smi tells, the GPU's speed from the table."""
    here = _here(measure_memory(), measure_arithmetic())
    cards = ask_nvidia()
    return _with_card(here, cards) if cards else here


def _here(bandwidth: float, flops: float) -> Machine:
    import psutil

    return Machine(
        name="this",
        title="this machine",
        ram=int(psutil.virtual_memory().available),
        ram_bandwidth=bandwidth,
        ram_flops=flops,
        architecture=platform.machine(),
        sources=("memory and arithmetic measured here",),
    )


def remembered_machine() -> Machine:
    """`this_machine`, but its speeds as they were measured once: for choices that must not cost a second."""
    note = home("cache") / "machine.json"
    try:
        speeds = json.loads(note.read_text(encoding="utf-8"))
        bandwidth, flops = float(speeds["ram_bandwidth"]), float(speeds["ram_flops"])
    except (OSError, ValueError, KeyError, TypeError):
        measured = this_machine()
        speeds = {"ram_bandwidth": measured.ram_bandwidth, "ram_flops": measured.ram_flops}
        with suppress(OSError):  # where nothing can be written it is measured each time
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(json.dumps(speeds), encoding="utf-8")
        return measured
    here = _here(bandwidth, flops)
    cards = ask_nvidia()
    return _with_card(here, cards) if cards else here


def measure_memory() -> float:
    """Bytes/s at which all cores together read memory: the best of a few passes of a sum of products."""
    import numpy as np

    workers = _workers()
    arrays = [np.ones(ARRAY // 4, np.float32) for _ in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        return workers * ARRAY / _best(lambda: list(pool.map(lambda a: np.dot(a, a), arrays)))


def measure_arithmetic() -> float:
    """Operations/s at which numpy multiplies float32 matrices."""
    import numpy as np

    side = 768
    matrix = np.ones((side, side), np.float32)
    return float(2 * side**3 / _best(lambda: matrix @ matrix))


def ask_nvidia() -> list[str]:
    """A line of nvidia-smi for each GPU; none without it."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    command = [program, f"--query-gpu={QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []  # nvidia-smi without a driver that answers: there is no GPU to use
    return [line for line in done.stdout.splitlines() if line.strip()]


def _with_card(here: Machine, cards: list[str]) -> Machine:
    """HERE with the largest of the CARDS, as `ask_nvidia` gives them."""
    rows = [[cell.strip() for cell in line.split(",")] for line in cards]
    name, _, free, compute, generation, width = max(rows, key=lambda row: _number(row[2]))
    known = next((machine for machine in known_machines().values() if _same_card(machine, name)), None)
    major, _, minor = compute.partition(".")
    return replace(
        here,
        title=f"this machine with {name}",
        vram=int(_number(free)) << 20,
        compute=(int(_number(major)), int(_number(minor))) if major else None,
        pcie=LANE.get(int(_number(generation)), 0.0) * _number(width),
        bandwidth=known.bandwidth if known else 0.0,
        flops=known.flops if known else 0.0,
        sources=(
            *here.sources,
            *(known.sources if known else (f"{name} is not in the table: its speed is unknown",)),
        ),
    )


def _same_card(machine: Machine, name: str) -> bool:
    """`rtx3090` is `NVIDIA GeForce RTX 3090`, and not `NVIDIA GeForce RTX 3090 Ti`."""
    spelled = re.sub(r"nvidia|geforce|tesla|\b\d+ ?gb\b|[^a-z0-9]", "", name.lower())
    return bool(machine.vram) and spelled == re.sub(r"[^a-z0-9]|\d+gb$", "", machine.name)


def _number(text: str) -> float:
    found = re.match(r"\d+(\.\d+)?", text)
    return float(found[0]) if found else 0.0


def _workers() -> int:
    import psutil

    return int(psutil.cpu_count(logical=False) or 1)


def _best(work: Any, passes: int = 5) -> float:
    """Seconds of the fastest of PASSES."""
    times = []
    for _ in range(passes):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def _entries(path: Path) -> dict[str, Mapping[str, Any]]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: write `name: {{ram: ..., bandwidth: ...}}` entries")
    return found


def _machine(name: str, entry: Mapping[str, Any]) -> Machine:
    """ENTRY in the table's units: GiB, GB/s, TFLOPS."""
    try:
        major, _, minor = str(entry.get("compute", "")).partition(".")
        return Machine(
            name=name,
            title=str(entry["title"]),
            ram=int(float(entry["ram"]) * KEPT_FREE * 2**30),
            ram_bandwidth=float(entry["ram_bandwidth"]) * 1e9,
            ram_flops=float(entry["ram_tflops"]) * 1e12,
            vram=int(float(entry.get("vram", 0)) * 2**30),
            bandwidth=float(entry.get("bandwidth", 0)) * 1e9,
            flops=float(entry.get("tflops", 0)) * 1e12,
            compute=(int(major), int(minor)) if major else None,
            pcie=float(entry.get("pcie", 0)) * 1e9,
            scale=float(entry.get("scale", 1)),
            architecture=str(entry.get("architecture", "x86_64")),
            sources=tuple(entry.get("sources", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"machine {name}: {error!r}; see {TABLE} for what an entry holds") from None
