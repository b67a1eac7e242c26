"""The part of gpu.py that trains: adapters of rank 8, a few steps each, and what the plan foretold."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gpu_models import SHAPE, TINY, make_model, peak, plain_model

if TYPE_CHECKING:
    from gpu import Report


def lora(report: Report, asked: argparse.Namespace) -> None:
    """Training an adapter of rank 8 on 1,024 tokens: on NF4 in 10 GB; on INT8 and in other shapes, which need
    what the plan says they need, with the whole card."""
    import torch

    source = plain_model(asked.work, asked.tiny)
    peak(reset=True)
    if torch.cuda.is_available():
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(10e9 / total)
        report.add(limit=10_000_000_000)
    with report.trying("nf4"):
        report.add(nf4=trained(source, "nf4", asked))
    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(1.0)
    with report.trying("int8"):
        report.add(int8=trained(source, "int8", asked))
    for family, layers, shared in (("Llama", 4, 4), ("Glm", 8, 2), ("Llama", 12, 8)):
        with report.trying(f"{family}_{layers}"):
            shape = {**(TINY if asked.tiny else SHAPE), "num_hidden_layers": layers}
            folder = make_model(
                asked.work / f"{family}{layers}",
                shape | {"num_key_value_heads": min(shared, shape["num_attention_heads"])},
                family,
            )
            gc.collect()
            peak(reset=True)
            for kind in ("nf4", "int8"):
                report.add(**{f"{family.lower()}_{layers}_layers_{kind}": trained(folder, kind, asked)})


def trained(folder: Path, load: Any, asked: argparse.Namespace) -> dict[str, Any]:
    """A few steps of training on the model in FOLDER, loaded as LOAD."""
    import torch

    from yanray.cores.hf_model import HfModel
    from yanray.train.lora.attach import attach
    from yanray.train.lora.packing import Example, batch
    from yanray.train.lora.recipe import Recipe
    from yanray.train.lora.trainer import Trainer

    opened = HfModel(folder, load)
    loaded = peak(reset=True)
    tokens, steps = (64, 2) if asked.tiny else (1024, 8)
    recipe = Recipe(rank=8, alpha=16, tokens=tokens, accumulate=1, epochs=1, optimizer="adamw")
    model = attach(opened.model, recipe)
    ids = tuple(range(1, tokens + 1)) if asked.tiny else tuple(torch.randint(300, 65000, (tokens,)).tolist())
    examples = [Example(ids, (True,) * len(ids))]
    trainer = Trainer(model, lambda step: [batch(examples, (0,))], steps=steps, recipe=recipe)
    done = list(trainer.run())
    seconds = sorted(step.seconds for step in done[1:])
    found = {
        "load_peak": loaded,
        "peak": peak(),
        "losses": [round(step.loss, 4) for step in done],
        "tokens_per_s": tokens / seconds[len(seconds) // 2],
        "parameters": sum(weight.numel() for weight in trainer.weights),
        "planned": planned(folder, load, tokens),
    }
    del trainer, model
    opened.close()
    gc.collect()
    peak(reset=True)
    return found


def planned(folder: Path, load: str, tokens: int) -> int | None:
    """Bytes that `yanray fit` reckons for this training; None where it cannot say."""
    from yanray.models.headers import read_header
    from yanray.models.training import training_bytes

    method: Any = "lora" if load == "int8" else "qlora"
    return training_bytes(read_header(folder), load, method, tokens=tokens, rank=8)
