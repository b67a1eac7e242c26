"""`yanray bench`: how fast this machine runs a model, and how far that is from what it could do.

Everything is measured several times, what is compared taking turns, and told as a median with its quartiles.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yanray.errors import ModelError, UsageError
from yanray.options import add_config, read_settings

if TYPE_CHECKING:
    from yanray.measure.bench_figures import Facts
    from yanray.settings import Settings

Run = dict[str, float]

TOOL = '''"""Double a number."""

def run(number: float) -> str:
    return format(number * 2, "g")
'''


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    settings: Settings
    config: Path | None
    runs: int
    prefix: int
    tokens: int
    told: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """The runs of one model, what they are judged by, and what else is worth saying of it."""

    core: list[Run]
    start: list[Run]
    facts: Facts
    model: dict[str, Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray bench` takes."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("-m", "--model", metavar="MODEL", help="a path to a GGUF file, or a model's name")
    which.add_argument("--shape", metavar="NAME:KIND", help="random weights of a shape: llama-1b:q8_0")
    parser.add_argument("--runs", metavar="N", type=int, default=5, help="how often to measure (5)")
    parser.add_argument("--prefix", metavar="N", type=int, default=600, help="tokens of system prompt (600)")
    parser.add_argument("--tokens", metavar="N", type=int, default=64, help="tokens to generate (64)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="write the figures as a drawing (SVG)")
    add_config(parser)


def run(options: argparse.Namespace) -> int:
    """Measure, and print what came out."""
    for name in ("runs", "prefix", "tokens"):
        if getattr(options, name) < 1:
            raise UsageError(f"--{name} {getattr(options, name)}: must be 1 or more")
    from yanray.measure.bench_plot import plot
    from yanray.measure.bench_table import table

    wanted = Wanted(
        read_settings(options), options.config, options.runs, options.prefix, options.tokens, _tell
    )
    found = _shape(options.shape, wanted) if options.shape else _model(wanted)
    if options.plot:
        options.plot.write_text(plot(found), encoding="utf-8")
    sys.stdout.write(json.dumps(found, indent=1) + "\n" if options.json else table(found))
    return 0


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{sentence} ...\n")
    sys.stderr.flush()


def _model(wanted: Wanted) -> dict[str, Any]:
    """The figures of the model that the settings name."""
    from yanray.models.choice import choose_model

    path = choose_model(wanted.settings)
    if not path.is_file():
        raise ModelError(f"{path}: not a file; `bench` measures GGUF files")
    return _figures(measure(path, wanted), {})


def _shape(text: str, wanted: Wanted) -> dict[str, Any]:
    """The figures of a made-up model, or of two low stacks of its layers where the whole is too big."""
    from yanray.measure.bench_figures import Facts, whole
    from yanray.measure.shapes import bytes_per_token, file_bytes, layers, parse, stacks
    from yanray.paths import home

    name, shape, kind = parse(text)
    folder = home("cache") / "shapes"
    heights = stacks(shape, kind, folder)
    measured = [measure(_made(folder, name, layers(shape, n), kind, wanted.told), wanted) for n in heights]
    if len(measured) == 1:
        return _figures(measured[0], {"shape": text})
    low, high = measured
    share = (shape.layers - heights[0]) / (heights[1] - heights[0])
    runs = [
        [whole(a, b, share) for a, b in zip(ours, theirs, strict=True)]
        for ours, theirs in ((low.core, high.core), (low.start, high.start))
    ]
    cache = low.facts.cache * shape.layers // heights[0]
    extra = low.facts.token - bytes_per_token(layers(shape, heights[0]), kind)  # of the KV cache
    token = bytes_per_token(shape, kind) + extra * shape.layers // heights[0]
    facts = Facts(file_bytes(shape, kind), cache, token, low.facts.bandwidth)
    model = {**low.model, "shape": text, "worked_out_from_layers": list(heights), "layers": shape.layers}
    return _figures(Measured(runs[0], runs[1], facts, model), {})


def _made(folder: Path, name: str, shape: Any, kind: str, told: Callable[[str], None]) -> Path:
    from yanray.measure.random_weights import write_random

    path = folder / f"{name}-{shape.layers}-{kind}.gguf"
    return path if path.is_file() else write_random(path, name, shape, kind, told=told)


def measure(path: Path, wanted: Wanted) -> Measured:
    """Everything about the model at PATH."""
    from yanray.cores.gguf import GgufCore
    from yanray.cores.machine import KV_TYPES
    from yanray.measure.bandwidth import read_bandwidth
    from yanray.measure.bench_core import filler, measure_core
    from yanray.measure.bench_figures import Facts
    from yanray.measure.bench_start import measure_start
    from yanray.models.headers import read_header
    from yanray.toolbox.box import Toolbox

    header = read_header(path)
    machine = {**wanted.settings.machine.options, "drafts": False}
    with tempfile.TemporaryDirectory(prefix="yanray-bench-") as folder:
        Path(folder, "double.py").write_text(TOOL, encoding="utf-8")
        with (
            closing(Toolbox([Path(folder)])) as box,
            closing(GgufCore(path, context=wanted.settings.context, **machine)) as core,
        ):
            plan = core.plan
            wanted.told("reading memory")
            bandwidth = read_bandwidth(plan.threads)
            system = filler(core.count, wanted.prefix, 0)
            runs = list(
                measure_core(
                    core, box, runs=wanted.runs, prefix=wanted.prefix, tokens=wanted.tokens, told=wanted.told
                )
            )
    value = header.shape.cache_values * KV_TYPES[plan.kv][1]
    weights = header.weights_bytes - _unread(header)
    token = weights + int(value * (wanted.prefix + wanted.tokens / 2))
    model = {"model": header.name, "file": path.name, "quantization": header.quantization}
    settings = {"threads": plan.threads, "batch": plan.batch, "kv": plan.kv, "context": plan.context}
    start = measure_start(path, system, config=wanted.config, runs=wanted.runs, told=wanted.told)
    return Measured(
        runs,
        list(start),
        Facts(path.stat().st_size, int(value * plan.context), token, bandwidth),
        {**model, **settings, "prefix_tokens": wanted.prefix, "generated_tokens": wanted.tokens},
    )


def _unread(header: Any) -> int:
    """Bytes of the table of tokens, of which a token needs one row; 0 where it is the output matrix too."""
    size = {tensor.name: tensor.bytes for tensor in header.tensors}
    return size.get("token_embd.weight", 0) if "output.weight" in size else 0


def _figures(measured: Measured, more: dict[str, Any]) -> dict[str, Any]:
    from yanray.measure.bench_figures import figures
    from yanray.measure.this_machine import this_machine

    found = figures(measured.core, measured.start, measured.facts)
    return {**measured.model, **more, "machine": this_machine(), **found}
