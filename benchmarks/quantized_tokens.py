"""Greedy tokens of the embedded model: its safetensors by transformers against the GGUF files made of them.

    python benchmarks/quantized_tokens.py [--to f16 q8_0 ...] [--folder FOLDER]

Each prompt is gone on with for 64 tokens, each time from what transformers has said so far, so that one other
token does not count for all that follow. FOLDER: of another Llama's safetensors.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

PROMPTS = (
    "The town of Vienna lies on the Danube and",
    "def mean(numbers):",
    "System: be short. User: what is 6.5*7.5? Assistant:",
    "中国的首都是北京，它",
    "Once upon a time there was a gardener who",
    "1, 2, 3, 4, 5,",
)
TOKENS = 64


def main() -> int:
    """Print a row for each format; 1 when F16 differs at all or Q8_0 in more than four of 64."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--to", nargs="+", default=["f16", "q8_0", "q5_k_m", "q4_k_m"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    from yanray.models.quantize import as_gguf, quantize
    from yanray.paths import nano_model
    from yanray.train.lora.base import exported

    folder = options.folder or exported(nano_model())
    ids, told = reference(folder)
    bad = False
    print(f"{'':<8}{'  '.join(str(n + 1) for n in range(len(PROMPTS)))}   same of {TOKENS} for each prompt")
    with tempfile.TemporaryDirectory() as scratch, as_gguf(folder) as source:
        for kind in options.to:
            target = Path(scratch) / f"{kind}.gguf"
            quantize(source, target, kind)
            same = [agreeing(target, start, said) for start, said in zip(ids, told, strict=True)]
            print(f"{kind:<8}{' '.join(map(str, same))}")
            bad |= min(same) < {"f16": TOKENS, "q8_0": TOKENS - 4}.get(kind, 0)
    return int(bad)


def reference(folder: Path) -> tuple[list[list[int]], list[list[int]]]:
    """The ids of each prompt, and those that transformers goes on with."""
    import torch

    from yanray.cores.hf_model import HfModel

    model = HfModel(folder, "fp32")
    ids = [model.vocabulary.encode(text, special=False, glued=False) for text in PROMPTS]
    told = []
    for start in ids:
        row = list(start)
        with torch.no_grad():
            for _ in range(TOKENS):
                row.append(int(model.model(torch.tensor([row])).logits[0, -1].argmax()))
        told.append(row[len(start) :])
    return ids, told


def agreeing(path: Path, start: list[int], told: list[int]) -> int:
    """At how many places of TOLD, after START, the GGUF file's likeliest token is the same."""
    import numpy as np

    from yanray.models.quantize import quiet_library

    lib: Any = quiet_library()
    model = lib.Llama(str(path), n_ctx=512, logits_all=True, verbose=False)
    model.eval([*start, *told])
    scores = np.asarray(model.scores[len(start) - 1 : len(start) + len(told) - 1])
    model.close()
    return int((scores.argmax(axis=1) == np.array(told)).sum())


if __name__ == "__main__":
    sys.exit(main())
