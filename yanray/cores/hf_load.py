"""The weights of a folder, loaded by transformers in the numbers that were chosen. A checkpoint's own code is
never run."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yanray.chatglm.layout import Layout
from yanray.chatglm.weights import open_glm
from yanray.cores.hf_card import FULL, Card, torch_type
from yanray.errors import ModelError

NEEDS = {
    "gptq": ("gptqmodel", "optimum"),
    "awq": ("gptqmodel",),
    "bitsandbytes": ("bitsandbytes",),
    "torchao": ("torchao",),
    "compressed-tensors": ("compressed_tensors",),
}
"""What transformers loads weights with that are quantized already, by their `quant_method`."""
STORED = "as stored"


def stored_method(config: Mapping[str, Any]) -> str:
    """How the weights that CONFIG describes are quantized, e.g. `gptq`; "" when they are not."""
    found = config.get("quantization_config")
    return str(found.get("quant_method") or "unnamed") if isinstance(found, Mapping) else ""


def holds_int8(config: Mapping[str, Any]) -> bool:
    """Whether they are LLM.int8()'s."""
    return stored_method(config) == "bitsandbytes" and bool(config["quantization_config"].get("load_in_8bit"))


def check_packages(folder: Path, method: str) -> None:
    """Raise ModelError naming what weights quantized by METHOD need that is not installed."""
    missing = [name for name in NEEDS.get(method, ()) if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelError(
            f"{folder}: its weights are {method}; that needs {' and '.join(missing)}: pip install "
            f"{' '.join(missing)}; or give a GGUF"
        )


def load_weights(folder: Path, layout: Layout | None, load: str, card: Card) -> Any:
    """The model in FOLDER held as LOAD on CARD. layout: of a folder in ChatGLM's own. Raises ModelError."""
    _hush()
    computes = card.computes(load)
    exact: Any = torch_type(computes)
    if load == STORED:
        exact = torch_type("fp32") if card.capability and card.native == "fp32" else "auto"
    options: dict[str, Any] = {"dtype": exact, "device_map": card.device}
    if load not in (STORED, *FULL):
        options["quantization_config"] = _quantization(load, exact)
    try:
        model = _open(folder, layout, options)
    except (OSError, ValueError, ImportError, RuntimeError, KeyError) as error:
        why = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            f"{folder}: transformers cannot load it: {why[0]}; take a model that it knows without code of "
            "its own, or a GGUF"
        ) from None
    _settle_nf4(model, torch_type(card.native))
    return model.eval()


def _open(folder: Path, layout: Layout | None, options: dict[str, Any]) -> Any:
    from transformers import AutoModelForCausalLM

    if layout is not None:
        return open_glm(folder, layout, **options)
    return AutoModelForCausalLM.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, **options
    )


def _quantization(load: str, compute: Any) -> Any:
    package = "torchao" if load == "int8-torchao" else "bitsandbytes"
    if importlib.util.find_spec(package) is None:
        raise ModelError(f"`machine.load: {load}` needs {package}: pip install {package}")
    if load == "int8-torchao":
        from torchao.quantization import Int8WeightOnlyConfig
        from transformers import TorchAoConfig

        return TorchAoConfig(Int8WeightOnlyConfig())
    from transformers import BitsAndBytesConfig

    if load == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=compute)


def _settle_nf4(model: Any, compute: Any) -> None:
    """Have 4-bit layers compute in COMPUTE, whatever the machine that saved them was good at; and keep
    bitsandbytes from packing their weights anew on CPUs with AVX512-BF16: it fails on widths that 64 does not
    divide, and saves such weights wrongly."""
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
            module.compute_dtype, module.compute_type_is_set = compute, True


def _hush() -> None:
    """The screen is not these libraries': bitsandbytes says at every layer that it casts."""
    import logging

    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    for name in ("bitsandbytes", "torchao"):
        logging.getLogger(name).setLevel(logging.ERROR)
