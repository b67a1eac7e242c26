"""Generating with drafts against without: text that quotes a tool's result, text that quotes nothing.

    python benchmarks/drafts.py [--shape llama-1b:q8_0] [--runs 7] [--tokens 96]

The model is made up and says the same words in all four cases; the tool's result holds these words or others.
With and without drafts take turns. Prints one JSON object: tokens per second, and the ratios' medians and
quartiles.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from yanray.cores.base import Sampling
from yanray.cores.gguf import GgufCore
from yanray.measure.random_weights import write_random
from yanray.measure.random_words import make_words
from yanray.measure.shapes import parse
from yanray.measure.spread import spread
from yanray.measure.this_machine import this_machine
from yanray.messages import Message


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shape", default="llama-1b:q8_0")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=96)
    given = parser.parse_args()
    name, shape, kind = parse(given.shape)
    with tempfile.TemporaryDirectory(prefix="yanray-drafts-") as folder:
        model = write_random(Path(folder, "model.gguf"), name, shape, kind)
        cores = {drafts: GgufCore(model, context=2048, drafts=drafts) for drafts in (True, False)}
        texts = _texts(make_words(shape.vocabulary).spoken, given.tokens)
        found = {what: _compare(cores, text, given.runs, given.tokens) for what, text in texts.items()}
        for core in cores.values():
            core.close()
    head = {"machine": this_machine(), "shape": given.shape, "runs": given.runs, "tokens": given.tokens}
    print(json.dumps({**head, **found}, indent=1))


def _texts(spoken: str, tokens: int) -> dict[str, str]:
    """What the tool gave back: the words that the model will say, or the same words backwards."""
    words = spoken.split()[:tokens]
    return {"quoting": " " + " ".join(words), "quoting nothing": " " + " ".join(reversed(words))}


def _compare(cores: dict[bool, GgufCore], result: str, runs: int, tokens: int) -> dict[str, Any]:
    messages = [Message("user", "What did it say?"), Message("assistant", "/look"), Message("tool", result)]
    speeds: dict[bool, list[float]] = {True: [], False: []}
    for number in range(runs + 1):
        for drafts in (True, False) if number % 2 else (False, True):
            speed = _speed(cores[drafts], messages, tokens)
            if number:
                speeds[drafts].append(speed)
    ratio = spread([on / off for on, off in zip(speeds[True], speeds[False], strict=True)])
    return {
        "with": round(spread(speeds[True]).median, 2),
        "without": round(spread(speeds[False]).median, 2),
        "ratio": [round(value, 3) for value in (ratio.low, ratio.median, ratio.high)],
    }


def _speed(core: GgufCore, messages: list[Message], tokens: int) -> float:
    for _ in core.stream(messages, Sampling(max_tokens=tokens)):
        pass
    assert core.finish is not None
    return core.finish.usage.generated_tokens / core.finish.usage.decode_seconds


if __name__ == "__main__":
    main()
