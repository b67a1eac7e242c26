"""From the runs of `yanray bench` to its figures: ratios of each run first, then median and quartiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from yanray.measure.spread import Spread, spread

Run = dict[str, float]

NEVER_SCALED = ("import", "reused", "tool_tokens", "extra_tokens")  # what does not depend on the layers


@dataclass(frozen=True, slots=True)
class Facts:
    """What the runs are judged by, in bytes: file, KV cache, what a token reads, what is read in a second."""

    file: int
    cache: int
    token: int
    bandwidth: float


def figures(core: Sequence[Run], start: Sequence[Run], facts: Facts) -> dict[str, Any]:
    """The figures as `--json` prints them; `spread` has the quartiles of each that has some."""
    found = {
        "loop_over_bare": spread([run["bare_step"] / run["step"] for run in core]),
        "read_over_bare": spread([run["bare_read"] / run["read"] for run in core]),
        "prompt_tokens_per_second": spread([1 / run["read"] for run in core]),
        "decode_tokens_per_second": spread([1 / run["step"] for run in core]),
        "bandwidth_share": spread([facts.token / run["step"] / facts.bandwidth for run in core]),
        "tool_round_seconds": spread([run["tool_round"] for run in core]),
        "load_seconds": spread([run["load"] for run in start]),
        "first_token_cold_seconds": spread([run["cold"] for run in start]),
        "first_token_saved_seconds": spread([run["saved"] for run in start]),
        "first_token_saved_over_cold": spread([run["saved"] / run["cold"] for run in start]),
        "ask_seconds": spread([run["process"] for run in start]),
        "ask_over_import": spread([run["process"] / run["import"] for run in start]),
    }
    peak = max(run["peak"] for run in start)
    exact = {
        "extra_tokens_per_tool_round": int(max(run["extra_tokens"] for run in core)),
        "tool_round_tokens": int(core[-1]["tool_tokens"]),
        "reused_tokens": int(start[-1]["reused"]),
        "bandwidth_gb_per_second": facts.bandwidth / 1e9,
        "bytes_per_token": facts.token,
        "file_bytes": facts.file,
        "cache_bytes": facts.cache,
        **({"peak_bytes": int(peak), "peak_over_need": peak / (facts.file + facts.cache)} if peak else {}),
    }
    medians = {key: _short(value.median) for key, value in found.items()}
    quartiles = {key: [_short(value.low), _short(value.high)] for key, value in found.items()}
    rounded = {key: _short(value) for key, value in exact.items()}
    return {**medians, **rounded, "spread": quartiles, "runs": len(core)}


def whole(low: Run, high: Run, share: float) -> Run:
    """What a model would take of which LOW and HIGH are two stacks of layers: SHARE steps from one to the
    other."""
    return {
        key: value if key in NEVER_SCALED else value + (high[key] - value) * share
        for key, value in low.items()
    }


def spread_of(found: dict[str, Any], key: str) -> Spread:
    """The figure KEY of FOUND with its quartiles."""
    low, high = found["spread"].get(key, (found[key], found[key]))
    return Spread(found[key], low, high)


def _short(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.4g}")
