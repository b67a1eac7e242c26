"""What is chosen from the machine, and what overrides it."""

from __future__ import annotations

import os
from typing import Any

import psutil
import pytest

from yanray.cores.machine import MOST_CONTEXT, free_memory, physical_cores, plan_context
from yanray.errors import ConfigError

GIB = 1 << 30
LLAMA_8B: dict[str, Any] = {"weights": 5 * GIB, "trained": 131072, "values_per_token": 32 * 8 * 256}


def test_threads_are_physical_cores_that_this_process_may_use() -> None:
    assert plan_context(**LLAMA_8B, memory=GIB).threads == physical_cores() >= 1
    assert plan_context(**LLAMA_8B, memory=GIB, threads=7).threads == 7


def test_the_machine_is_seen_as_psutil_sees_it() -> None:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else GIB
    assert physical_cores() == min(psutil.cpu_count(logical=False) or os.cpu_count() or 1, allowed)
    assert abs(free_memory() - psutil.virtual_memory().available) < psutil.virtual_memory().total // 10


@pytest.mark.parametrize(
    ("memory", "kv", "context"),
    [
        (64 * GIB, "f16", MOST_CONTEXT),
        (6 * GIB, "q8_0", MOST_CONTEXT),
        (2 * GIB, "q8_0", GIB // (32 * 8 * 256 * 34 // 32)),
        (GIB // 100, "q8_0", 2048),
    ],
)
def test_the_cache_takes_at_most_half_of_the_free_memory(memory: int, kv: str, context: int) -> None:
    plan = plan_context(**LLAMA_8B, memory=memory)
    assert (plan.kv, plan.context) == (kv, context)
    assert plan.flash == (1 if kv == "q8_0" else -1)


def test_a_tiny_model_generates_on_half_of_the_cores_unless_told_otherwise() -> None:
    tiny: dict[str, Any] = {"weights": 50 << 20, "trained": 1024, "values_per_token": 6144, "memory": GIB}
    assert plan_context(**tiny).step_threads == max(1, physical_cores() // 2)
    assert plan_context(**tiny, threads=6).step_threads == 6
    assert plan_context(**LLAMA_8B, memory=GIB).step_threads == physical_cores()


def test_what_is_asked_for_is_done() -> None:
    plan = plan_context(**LLAMA_8B, memory=GIB, context=9000, batch=33, kv="f16", flash=False)
    assert (plan.context, plan.batch, plan.kv, plan.flash) == (9000, 33, "f16", 0)


def test_heads_that_no_block_fits_keep_f16() -> None:
    assert plan_context(**LLAMA_8B, memory=GIB, quantizable=False).kv == "f16"


def test_a_small_model_reads_in_larger_batches_and_never_beyond_its_training() -> None:
    small = plan_context(weights=50 << 20, trained=1024, values_per_token=6144, memory=GIB)
    assert (small.context, small.batch, small.slow) == (1024, 128, False)
    assert plan_context(**LLAMA_8B, memory=GIB).batch == 64


@pytest.mark.parametrize("wrong", [{"kv": "q5"}, {"kv": "q4_0", "flash": False}])
def test_contradictions_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="kv type"):
        plan_context(**LLAMA_8B, memory=GIB, **wrong)
