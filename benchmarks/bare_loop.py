"""Decoding through `GgufCore.stream` against the bare llama_decode loop: same model, context and process,
interleaved.

    python benchmarks/bare_loop.py MODEL.gguf [--tokens 128] [--runs 7] [--threads 2]

Prints one JSON object: tokens per second of both (medians), their ratio (median of the runs' own ratios, with
the quartiles), tokens read per second, and the peak memory of the process in MiB.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import llama_cpp

from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.events import Progress
from yanray.messages import Message

QUESTION = [Message("system", "Answer. " * 20), Message("user", "Tell me of the sea. " * 10)]


def bare(core: Any, tokens: int) -> float:
    """Seconds for choosing TOKENS greedily with nothing around it, behind what stands in the cache."""
    context = core._context.pointer
    sampler = llama_cpp.llama_sampler_init_greedy()
    one = (llama_cpp.llama_token * 1)()
    started = perf_counter()
    one[0] = llama_cpp.llama_sampler_sample(sampler, context, -1)
    for _ in range(tokens - 1):
        llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(one, 1))
        one[0] = llama_cpp.llama_sampler_sample(sampler, context, -1)
    seconds = perf_counter() - started
    llama_cpp.llama_sampler_free(sampler)
    return seconds


def whole(core: Any, tokens: int) -> tuple[float, int, float]:
    """Wall seconds of generating up to TOKENS through the core, how many came, and tokens read per second."""
    stream = core.stream(QUESTION, Sampling(max_tokens=tokens))
    piece = next(stream)
    while not isinstance(piece, Progress) or piece.done < piece.total:
        piece = next(stream)
    started = perf_counter()
    for _ in stream:
        pass
    seconds = perf_counter() - started
    usage = core.finish.usage
    return seconds, usage.generated_tokens, usage.evaluated_tokens / usage.prefill_seconds


def one_run(core: Any, tokens: int) -> tuple[float, float, float]:
    """Tokens per second: through the core, bare, reading."""
    core._context.trim(0)
    seconds, came, reading = whole(core, tokens)
    core._context.trim(core._start - 1)
    last = core._encoder.encode(QUESTION).ids[-1:]
    core._context.read(last)
    straight = bare(core, came)
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(core._context.pointer), True)
    core._context.ledger.ids.clear()
    return came / seconds, came / straight, reading


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--threads", type=int, default=0)
    given = parser.parse_args()
    core = GgufCore(given.model, threads=given.threads, context=2048, drafts=False)
    runs = [one_run(core, given.tokens) for _ in range(given.runs + 1)][1:]
    ratios = sorted(run[0] / run[1] for run in runs)
    figures = {
        "loop_over_bare": statistics.median(ratios),
        "quartiles": statistics.quantiles(ratios, n=4)[::2] if len(ratios) > 1 else ratios,
        "decode_tokens_per_second": statistics.median(run[0] for run in runs),
        "bare_tokens_per_second": statistics.median(run[1] for run in runs),
        "prompt_tokens_per_second": statistics.median(run[2] for run in runs),
        "peak_mib": peak_mib(),
        "threads": core.plan.threads,
    }
    core.close()
    json.dump(figures, sys.stdout, indent=1)
    print()


def peak_mib() -> float:
    """Peak resident memory of this process."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


if __name__ == "__main__":
    main()
