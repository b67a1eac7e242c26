"""How long it takes to put LoRA adapters on a loaded model and to swap them, in both local cores.

    python benchmarks/adapter_swap.py            # Llama's shape with 300 M weights, rank 16 on every layer

The weights are random. `first`: the adapter is read, converted where need be, and loaded; `swap`: it was
loaded before. The median of nine.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

LAYERS, WIDTH, INNER, HEADS, VOCABULARY = 24, 1024, 2816, 16, 32000


def main() -> None:
    """Measure and print."""
    from tiny_adapters import llama_sizes, write_adapter

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = llama_sizes(WIDTH, WIDTH, INNER, LAYERS)
        one, two = (write_adapter(folder / each, sizes, rank=16, seed=seed) for seed, each in enumerate("ab"))
        print(f"adapter: {one.weights.stat().st_size / 1e6:.1f} MB")
        for kind, opened in (("llama.cpp", open_gguf), ("transformers", open_hf)):
            core = opened(folder)
            first = [timed(core.adapt, [one]), timed(core.adapt, [two])]
            swaps = [timed(core.adapt, each) for _ in range(3) for each in ([one], [one, two.at(0.5)], [two])]
            off = timed(core.adapt, [])
            print(
                f"{kind}: first {min(first):.1f} ms, swap {statistics.median(swaps):.2f} ms "
                f"(longest {max(swaps):.2f}), off {off:.2f} ms"
            )
            core.close()


def timed(work: Callable[[Any], Any], argument: Any) -> float:
    """Milliseconds of WORK on ARGUMENT."""
    begun = time.perf_counter()
    work(argument)
    return (time.perf_counter() - begun) * 1000


def open_gguf(folder: Path) -> Any:
    """The model in llama.cpp, Q8_0."""
    from yanray.cores.gguf import GgufCore
    from yanray.measure.random_weights import write_random
    from yanray.models.shape import Shape

    shape = Shape("llama", LAYERS, WIDTH, INNER, HEADS, HEADS, 64, 64, VOCABULARY, 2048)
    return GgufCore(write_random(folder / "model.gguf", "300m", shape, "q8_0"), context=512)


def open_hf(folder: Path) -> Any:
    """The model in transformers, bfloat16."""
    import torch
    from tiny_checkpoints import _tokenizer
    from transformers import LlamaConfig, LlamaForCausalLM

    from yanray.cores.hf import HfCore

    config = LlamaConfig(
        hidden_size=WIDTH, intermediate_size=INNER, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        num_key_value_heads=HEADS, vocab_size=VOCABULARY, max_position_embeddings=2048,
    )  # fmt: skip
    torch.manual_seed(1)
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(folder / "model")
    _tokenizer("nano")[0].save_pretrained(folder / "model")
    written = json.loads((folder / "model/config.json").read_text())
    (folder / "model/config.json").write_text(json.dumps({**written, "eos_token_id": 0}))
    return HfCore(folder / "model", load="bf16", context=512)


if __name__ == "__main__":
    main()
