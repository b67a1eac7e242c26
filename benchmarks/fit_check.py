"""How well `yanray fit` foretells decoding speed and peak memory on this machine.

Three Llama shapes with random weights, each in q8_0 and q4_k_m. Each is loaded in a process of its own as
Yanray loads models; decoding is timed token by token with 500 tokens in the cache, and the fastest fifth is
taken, because other programs on the machine can only slow it down. Peak memory is what the process's
resident memory grew by at most.

    python benchmarks/fit_check.py [--folder FOLDER]

Prints a row for each model; exits with 1 when speed is off by more than 25 % or memory by more than 10 %.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from yanray.cores.gguf_context import GgufContext
from yanray.cores.gguf_model import GgufModel
from yanray.cores.llama import library
from yanray.cores.machine import STATUS, kernel_bytes, physical_cores, plan_context
from yanray.models.fit import rows_for
from yanray.models.headers import read_header
from yanray.models.machine import Machine, this_machine
from yanray.models.quantize import quantize

CONTEXT = 2048
CACHED = 500  # tokens
STEPS = 60
SHAPES = {  # (width, layers, heads, KV heads, inner, vocabulary)
    "80M": (768, 8, 12, 4, 2048, 32000),
    "200M": (1024, 12, 16, 4, 3072, 49152),
    "650M": (1536, 20, 12, 4, 4608, 32000),
}
FORMATS = ("q8_0", "q4_k_m")
SPEED, MEMORY = 0.25, 0.10  # allowed errors


def main() -> int:
    """Make the models, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keep the models here")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        return compare(options.folder or Path(scratch))


def compare(folder: Path) -> int:
    """A row for each model; 1 when one is out of bounds."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [path for name in SHAPES for path in make(folder, name)]
    others = os.getloadavg()[0]
    if others > 0.3:
        print(f"others are using this machine (load {others:.1f}): the speeds below are not to be trusted")
    machines, found = [this_machine()], []
    for path in paths:  # the machine is measured between the models, so that both see the same neighbours
        found.append(measured_apart(path))
        machines.append(this_machine())
    machine = max(machines, key=lambda one: one.ram_bandwidth)
    print(f"memory {machine.ram_bandwidth / 1e9:.1f} GB/s, {physical_cores()} cores")
    print("model          tokens/s: foretold  measured  error   peak MB: foretold  measured  error")
    return int(max(show(*pair, machine) for pair in zip(paths, found, strict=True)) > 1)


def show(path: Path, found: dict[str, float], machine: Machine) -> float:
    """Print the row of PATH; its worst error as a share of what is allowed."""
    row = rows_for(read_header(path), machine, context=CONTEXT)[0]
    foretold = row.tokens_per_second or 0.0
    speed, memory = foretold / found["speed"] - 1, row.total_bytes / found["peak"] - 1
    print(
        f"{path.stem:<24} {foretold:8.1f} {found['speed']:9.1f} {speed:+6.0%}"
        f" {row.total_bytes / 1e6:18.1f} {found['peak'] / 1e6:9.1f} {memory:+6.0%}"
    )
    return max(abs(speed) / SPEED, abs(memory) / MEMORY)


def measured_apart(path: Path) -> dict[str, float]:
    """What `measure` says in a process of its own; the better of three."""
    command = [sys.executable, __file__, "--measure", str(path)]
    runs = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(3)]
    return {"speed": max(run["speed"] for run in runs), "peak": max(run["peak"] for run in runs)}


def measure(path: Path) -> dict[str, float]:
    """Load PATH as the gguf core does, fill the cache, decode."""
    library()
    before = kernel_bytes(STATUS, "VmRSS:")
    model = GgufModel(path)
    plan = plan_context(
        weights=path.stat().st_size,
        trained=model.trained_context,
        values_per_token=model.cache_values,
        context=CONTEXT,
    )
    plan = dataclasses.replace(plan, step_threads=physical_cores())
    context = GgufContext(model, plan)
    for start in range(0, CACHED, plan.batch):
        context.read([5 + n % 900 for n in range(start, min(CACHED, start + plan.batch))])
    times = []
    for token in range(STEPS):
        begun = time.perf_counter()
        context.step(10 + token)
        times.append(time.perf_counter() - begun)
    fastest = sorted(times)[: STEPS // 5]
    return {"speed": 1 / (sum(fastest) / len(fastest)), "peak": kernel_bytes(STATUS, "VmHWM:") - before}


def make(folder: Path, name: str) -> list[Path]:
    """The model NAME in each of FORMATS."""
    paths = [folder / f"{name}-{kind}.gguf" for kind in FORMATS]
    if not all(path.is_file() for path in paths):
        source = folder / f"{name}-f32.gguf"
        write_random(source, *SHAPES[name])
        for path, kind in zip(paths, FORMATS, strict=True):
            path.unlink(missing_ok=True)
            quantize(source, path, kind)
        source.unlink()
    return paths


def write_random(
    path: Path, width: int, layers: int, heads: int, kv: int, inner: int, vocabulary: int
) -> None:
    """A Llama of these sizes whose weights are noise and whose tokenizer knows bytes only."""
    writer, rng = gguf.GGUFWriter(path, "llama"), np.random.default_rng(1)
    writer.add_context_length(4096)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    add_tokens(writer, vocabulary)

    def add(tensor: str, *sizes: int) -> None:
        noise = rng.standard_normal(sizes, np.float32) if len(sizes) > 1 else np.ones(sizes, np.float32)
        writer.add_tensor(f"{tensor}.weight", noise / sizes[-1] ** 0.5 if len(sizes) > 1 else noise)

    add("token_embd", vocabulary, width)
    add("output", vocabulary, width)
    add("output_norm", width)
    shared = width // heads * kv
    for layer in range(layers):
        parts: dict[str, tuple[int, ...]] = {
            "attn_norm": (width,),
            "ffn_norm": (width,),
            "attn_q": (width, width),
            "attn_k": (shared, width),
            "attn_v": (shared, width),
            "attn_output": (width, width),
            "ffn_gate": (inner, width),
            "ffn_up": (inner, width),
            "ffn_down": (width, inner),
        }
        for part, sizes in parts.items():
            add(f"blk.{layer}.{part}", *sizes)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_tokens(writer: Any, vocabulary: int) -> None:
    """A vocabulary of the given size in SentencePiece's manner."""
    first = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256))]
    tokens = first + [f"word{number}".encode() for number in range(vocabulary - len(first))]
    kinds = [gguf.TokenType.UNKNOWN, *[gguf.TokenType.CONTROL] * 2, *[gguf.TokenType.BYTE] * 256]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * vocabulary)
    writer.add_token_types([*kinds, *[gguf.TokenType.NORMAL] * (vocabulary - len(first))])


if __name__ == "__main__":
    sys.exit(main())
