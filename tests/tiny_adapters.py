"""Tiny LoRA adapters with random numbers, as PEFT writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from yanray.cores.base import Lora

Sizes = Mapping[str, tuple[int, int]]  # layer -> numbers it takes and gives


def llama_sizes(width: int = 64, kv: int = 32, ffn: int = 128, layers: int = 2) -> dict[str, tuple[int, int]]:
    """The linear layers of a model of Llama's shape, under transformers' names."""
    attention = {
        "q_proj": (width, width),
        "k_proj": (width, kv),
        "v_proj": (width, kv),
        "o_proj": (width, width),
    }
    mlp = {"gate_proj": (width, ffn), "up_proj": (width, ffn), "down_proj": (ffn, width)}
    return {
        f"model.layers.{layer}.{room}.{name}": size
        for layer in range(layers)
        for room, names in (("self_attn", attention), ("mlp", mlp))
        for name, size in names.items()
    }


def write_adapter(
    folder: Path,
    sizes: Sizes,
    *,
    rank: int = 3,
    alpha: float = 6.0,
    seed: int = 5,
    strength: float = 0.1,
    **config: Any,
) -> Lora:
    """Write a random adapter for layers of SIZES to FOLDER; it as cores take it."""
    rng = np.random.default_rng(seed)
    tensors = {}
    for layer, (inner, outer) in sizes.items():
        a, b = rng.standard_normal((rank, inner)), rng.standard_normal((outer, rank)) * strength
        tensors[f"base_model.model.{layer}.lora_A.weight"] = a.astype(np.float32) / inner**0.5
        tensors[f"base_model.model.{layer}.lora_B.weight"] = b.astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "peft_type": "LORA",
        "r": rank,
        "lora_alpha": alpha,
        "base_model_name_or_path": "tiny",
        **config,
    }
    (folder / "adapter_config.json").write_text(json.dumps(written), encoding="utf-8")
    save_file(tensors, folder / "adapter_model.safetensors")
    return Lora(folder.name, folder / "adapter_model.safetensors", alpha, bool(config.get("use_rslora")))


def deltas(lora: Lora) -> dict[str, Any]:
    """Layer -> what LORA adds to its matrix [out, in], reckoned from the files as the paper has it."""
    from safetensors.numpy import load_file

    tensors = load_file(lora.weights)
    found = {}
    for name in tensors:
        if name.endswith(".lora_A.weight"):
            layer = name.removesuffix(".lora_A.weight")
            a, b = tensors[name], tensors[f"{layer}.lora_B.weight"]
            factor = lora.alpha / (a.shape[0] ** 0.5 if lora.root else a.shape[0])
            found[layer.removeprefix("base_model.model.")] = lora.scale * factor * (b.astype(np.float64) @ a)
    return found
