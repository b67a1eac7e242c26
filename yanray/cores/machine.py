"""What suits this machine: threads, batch size, KV types, context. Every choice can be overridden."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from yanray.errors import ConfigError

KvType: TypeAlias = Literal["auto", "f32", "f16", "q8_0", "q4_0"]

KV_TYPES = {"f32": (0, 4.0), "f16": (1, 2.0), "q8_0": (8, 34 / 32), "q4_0": (2, 18 / 32)}
"""Name -> (enum ggml_type, bytes for one value)."""

TINY = 100 << 20  # bytes of weights below which threads wait for each other about as long as they work
SMALL = 300 << 20  # bytes of weights below which a batch of 128 tokens takes well under a second
GPU_BATCH = 512  # prompt tokens that a GPU reads at once
MOST_CONTEXT = 32768  # tokens that nobody asked for are not set aside beyond this
LEAST_CONTEXT = 2048
STATUS = Path("/proc/self/status")  # on Linux


@dataclass(frozen=True, slots=True)
class ContextPlan:
    """How a context is opened.

    batch: tokens read in one evaluation; between two of them progress is shown. flash: -1 as llama.cpp thinks
    fit, 0 off, 1 on. slow: a single token may take longer than a tenth of a second; whether it does, its
    context finds out.
    """

    context: int
    threads: int  # reading prompts
    step_threads: int  # generating
    batch: int
    kv: str
    flash: int
    slow: bool

    @property
    def kv_code(self) -> int:
        """The KV cache's enum ggml_type."""
        return KV_TYPES[self.kv][0]


def physical_cores() -> int:
    """Cores that this process may use, hyper-threads not counted: more threads slow llama.cpp down."""
    shared = Path("/sys/devices/system/cpu").glob("cpu[0-9]*/topology/core_cpus_list")
    cores = len({path.read_text(encoding="ascii") for path in shared})  # Linux: one list for each core
    if not cores:
        import psutil  # a fiftieth of a second

        cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return max(1, min(cores, allowed))


def free_memory() -> int:
    """Bytes that can be had without swapping."""
    meminfo = Path("/proc/meminfo")
    if meminfo.is_file() and (told := kernel_bytes(meminfo, "MemAvailable:")):
        return told
    import psutil

    return int(psutil.virtual_memory().available)


def peak_memory() -> int:
    """Most bytes of memory that this process held at once, shared pages of the model's file too; 0 where the
    system does not say."""
    if STATUS.is_file():  # ru_maxrss counts what the parent held when it started us, too
        return kernel_bytes(STATUS, "VmHWM:")
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def kernel_bytes(file: Path, name: str) -> int:
    """What the kernel's FILE, which counts in kilobytes, says of NAME; 0 when it says nothing."""
    lines = file.read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


def plan_context(
    *,
    weights: int,
    trained: int,
    values_per_token: int,
    context: int = 0,
    threads: int = 0,
    batch: int = 0,
    kv: KvType = "auto",
    quantizable: bool = True,
    flash: bool | None = None,
    memory: int | None = None,
    on_gpu: bool = False,
) -> ContextPlan:
    """Choose what is left at 0, `auto` or None.

    weights: bytes of the model. trained: its context in tokens. values_per_token: numbers in the KV cache of
    a token.
    quantizable: whether its heads divide into the blocks of 32 that q8_0 and q4_0 are made of.
    memory: free bytes; None asks the machine. on_gpu: the whole model is on GPUs, which like large batches.
    The KV cache gets half of what is free; it is kept in q8_0 only
    where f16 would not hold the context. Raises ConfigError when the choices contradict each other.
    """
    if kv not in ("auto", *KV_TYPES):
        raise ConfigError(f"kv type {kv!r} is unknown; use auto or one of {', '.join(KV_TYPES)}")
    cores = threads or physical_cores()
    room = (free_memory() if memory is None else memory) // 2
    wanted = context or min(trained, MOST_CONTEXT)
    chosen = kv
    if kv == "auto":
        fits = wanted * values_per_token * KV_TYPES["f16"][1] <= room
        chosen = "f16" if fits or flash is False or not quantizable else "q8_0"
    if chosen in ("q8_0", "q4_0") and flash is False:
        raise ConfigError(f"kv type {chosen} needs flash attention; leave it on, or use f16")
    if not context:
        most = int(room / max(1.0, values_per_token * KV_TYPES[chosen][1]))
        wanted = min(wanted, max(most, min(LEAST_CONTEXT, trained)))
    quantized = chosen in ("q8_0", "q4_0")
    return ContextPlan(
        context=wanted,
        threads=cores,
        step_threads=max(1, cores // 2) if weights < TINY and not threads else cores,
        batch=batch or (GPU_BATCH if on_gpu else 128 if weights < SMALL else 64),
        kv=chosen,
        flash=1 if flash or quantized else -1 if flash is None else 0,
        slow=weights > 1 << 30 and not on_gpu,
    )
