"""A base model made ready: frozen, its adapter put in, activations worked out twice where memory is short."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from yanray.errors import UsageError
from yanray.train.lora.recipe import Recipe

ATTENTION = ("attn", "attention")  # in the name of the module that an attention's layers stand in
CONV1D = "Conv1D"  # GPT-2's linear layer, whose matrix lies the other way


def attach(model: Any, recipe: Recipe) -> Any:
    """MODEL (a causal model of transformers, quantized by bitsandbytes or not) with a fresh adapter, ready to
    train. Raises UsageError when `recipe.targets` names no layer of it.

    The first weights follow from `recipe.seed` alone. Nothing else of the model is changed or cast: casting
    embeddings to float32, as peft's `prepare_model_for_kbit_training` does, costs 2 GB on a 6B model.
    """
    from peft import LoraConfig, get_peft_model

    model.requires_grad_(False)
    names, turned = targets(model, recipe.targets)
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):  # see `cores.hf_model`: wrong on some widths
            module.support_avx512bf16_for_cpu = False
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=names,
        fan_in_fan_out=turned,
        task_type="CAUSAL_LM",
    )
    torch.manual_seed(recipe.seed)
    with warnings.catch_warnings():  # names that transformers 5.0 has and 5.24 calls old; peft uses one too
        warnings.simplefilter("ignore", FutureWarning)
        made = get_peft_model(model, config)
        if recipe.checkpointing:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    made.train()
    return made


def targets(model: Any, wanted: str) -> tuple[list[str], bool]:
    """Last names of the layers that WANTED (see `Recipe.targets`) means in MODEL, and whether their matrices
    lie the other way. Read off the model itself, so any architecture is served. Raises UsageError."""
    output = model.get_output_embeddings()
    linear = {
        name: module
        for name, module in model.named_modules()
        if module is not output and (isinstance(module, torch.nn.Linear) or type(module).__name__ == CONV1D)
    }
    found = {name.rpartition(".")[2]: module for name, module in linear.items() if _chosen(name, wanted)}
    missing = [] if wanted in ("all", "attention") else sorted(set(wanted.split(",")) - found.keys())
    if missing or not found:
        known = ", ".join(sorted({name.rpartition(".")[2] for name in linear}))
        raise UsageError(f"--targets {wanted}: the model has no layer {', '.join(missing)}; it has {known}")
    return sorted(found), any(type(module).__name__ == CONV1D for module in found.values())


def _chosen(name: str, wanted: str) -> bool:
    parent, _, last = name.rpartition(".")
    if wanted == "all":
        return True
    if wanted == "attention":
        return any(part in parent.rpartition(".")[2] for part in ATTENTION)
    return last in wanted.split(",")


def trained(model: Any) -> list[Any]:
    """The parameters of MODEL that are trained."""
    return [weight for weight in model.parameters() if weight.requires_grad]


def quantized(model: Any) -> bool:
    """Whether MODEL's weights are held in 8 or 4 bits."""
    return bool(getattr(model, "is_loaded_in_8bit", False) or getattr(model, "is_loaded_in_4bit", False))
