"""The figures of `yanray bench` for people: a table with bars."""

from __future__ import annotations

from typing import Any

from yanray.measure.bench_figures import spread_of

BAR = 24  # characters
BLOCKS = " ▏▎▍▌▋▊▉█"

# key, what it is, unit. Bars of one group share a scale.
SPEEDS = (
    ("prompt_tokens_per_second", "reading a prompt", "tokens/s"),
    ("decode_tokens_per_second", "generating", "tokens/s"),
)
TIMES = (
    ("load_seconds", "loading the model", "s"),
    ("first_token_cold_seconds", "start to first text, nothing saved", "s"),
    ("first_token_saved_seconds", "start to first text, prefix saved", "s"),
    ("ask_seconds", "a whole `yanray ask`", "s"),
    ("tool_round_seconds", "reading a tool's result", "s"),
)
SHARES = (
    ("loop_over_bare", "generating, against the bare loop", "x"),
    ("read_over_bare", "reading, against the bare loop", "x"),
    ("bandwidth_share", "generating, share of the memory's speed", "x"),
    ("first_token_saved_over_cold", "first text, saved against cold", "x"),
)


def table(found: dict[str, Any]) -> str:
    """FOUND as lines of text."""
    name = found.get("shape") or found["model"]
    lines = [f"{name} ({found['file_bytes'] / 2**20:.0f} MiB) on {found['machine']}"]
    if "worked_out_from_layers" in found:
        low, high = found["worked_out_from_layers"]
        lines.append(f"worked out from stacks of {low} and {high} of its {found['layers']} layers")
    settings = ", ".join(f"{key} {found[key]}" for key in ("threads", "batch", "kv", "context"))
    lines.append(f"{settings}; median of {found['runs']} runs, the middle half of them in brackets")
    for group in (SPEEDS, TIMES, SHARES):
        most = max(1.0 if group is SHARES else 0.0, *(found[key] for key, _, _ in group))
        lines += ["", *(_line(found, key, what, unit, most) for key, what, unit in group)]
    return "\n".join([*lines, "", *_sentences(found)]) + "\n"


def _line(found: dict[str, Any], key: str, what: str, unit: str, most: float) -> str:
    value = spread_of(found, key)
    figure = f"{value.median:8.4g} {unit:<8}"
    return f"{what:<40} {figure} {bar(value.median / most)} [{value.low:.4g}, {value.high:.4g}]"


def bar(share: float) -> str:
    """SHARE (0 to 1) of BAR characters, in eighths."""
    eighths = round(min(1.0, max(0.0, share)) * BAR * 8)
    text = BLOCKS[8] * (eighths // 8) + (BLOCKS[eighths % 8] if eighths % 8 else "")
    return f"{text:<{BAR}}"


def _sentences(found: dict[str, Any]) -> list[str]:
    read, extra = found["tool_round_tokens"], found["extra_tokens_per_tool_round"]
    need = found["bytes_per_token"] / 2**20
    lines = [
        f"a tool's result of {read - extra} tokens, markers included, cost {read}: {extra} too many",
        f"memory is read at {found['bandwidth_gb_per_second']:.1f} GB/s; a token needs {need:.0f} MiB of it",
    ]
    if "peak_bytes" in found:
        peak, ratio = found["peak_bytes"] / 2**20, found["peak_over_need"]
        lines.append(f"most memory held: {peak:.0f} MiB, {ratio:.2f} x the file and its KV cache")
    return lines
