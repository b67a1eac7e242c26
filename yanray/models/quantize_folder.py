"""A checkpoint folder in INT8 or NF4, made once on the CPU: a card that holds only the result then loads it.

transformers reads the safetensors tensor by tensor and bitsandbytes quantizes each as it comes. Saved before
anything is evaluated: some CPUs pack 4-bit weights anew at the first evaluation, and saving those corrupts
them. Embeddings and the output layer stay as they are. Formats: LLM.int8() (Dettmers et al. 2022,
arXiv:2208.07339), NF4 (Dettmers et al. 2023, arXiv:2305.14314).
"""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from yanray.chatglm.layout import read_layout
from yanray.chatglm.weights import open_glm
from yanray.errors import DataError, ModelError

FOLDER_TARGETS = ("int8", "nf4")
MADE_ANEW = ("config.json", "generation_config.json", "model.safetensors.index.json")
KEPT = (".json", ".jinja", ".model", ".txt", ".tiktoken", ".md")


def quantize_folder(source: Path, target: Path, kind: str) -> None:
    """Write the folder SOURCE as KIND (one of FOLDER_TARGETS) to the folder TARGET, whole or not at all.

    What belongs to the tokenizer is copied byte for byte. Raises DataError and ModelError.
    """
    config = _config(source, kind)
    if target.exists():
        raise DataError(f"{target}: is there already; name a new folder, or remove it")
    model = _load(source, config, kind)
    from safetensors import SafetensorError

    aside = target.with_name(f"{target.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        model.save_pretrained(aside)
        for path in source.iterdir():
            if path.is_file() and path.suffix in KEPT and path.name not in MADE_ANEW:
                shutil.copyfile(path, aside / path.name)
        aside.rename(target)
    except (OSError, SafetensorError) as error:
        raise DataError(f"{target}: cannot be written ({error}); make room, or name another folder") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _config(source: Path, kind: str) -> dict[str, Any]:
    """The configuration in the folder SOURCE. Raises DataError when nothing can be made of that."""
    if source.is_file():
        raise DataError(
            f"{source}: a file; {kind} is made of a folder with config.json and safetensors; name that, or "
            "of a GGUF file make another one: --to q8_0, q4_k_m"
        )
    if not (source / "config.json").is_file():
        raise DataError(f"{source}: {kind} is made of a folder with config.json and safetensors; name one")
    try:
        config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{source / 'config.json'}: not JSON: {error}; fetch it again") from None
    if not isinstance(config, dict):
        raise DataError(f"{source / 'config.json'}: holds a JSON {type(config).__name__}, not an object")
    if config.get("quantization_config"):
        raise DataError(
            f"{source}: is quantized already; give the 16-bit folder that it was made of, or run it as it "
            f"is: -m {source}"
        )
    return config


def _load(source: Path, config: dict[str, Any], kind: str) -> Any:
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # the screen is not these libraries'
    try:
        import bitsandbytes  # noqa: F401 - asked for here, so that its absence has a remedy
        from transformers import AutoModelForCausalLM, BitsAndBytesConfig
        from transformers.utils import logging as transformers_logging
    except ImportError as error:
        raise ModelError(f"{kind} needs {error.name}; pip install 'yanray[hf]'") from None
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    if kind == "int8":
        how = BitsAndBytesConfig(load_in_8bit=True)
    else:
        how = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype="float32"
        )
    options = {"quantization_config": how, "dtype": "auto", "device_map": "cpu"}
    try:
        layout = read_layout(source, config) if config.get("model_type") == "chatglm" else None
        if layout is not None:
            return open_glm(source, layout, **options)
        return AutoModelForCausalLM.from_pretrained(
            source, local_files_only=True, trust_remote_code=False, use_safetensors=True, **options
        )
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        why = str(error).strip().splitlines() or [type(error).__name__]
        raise ModelError(
            f"{source}: transformers cannot load it: {why[0]}; take a folder of whole .safetensors, of a "
            "model that it knows without code of its own"
        ) from None
