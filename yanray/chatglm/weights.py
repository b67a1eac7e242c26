"""The weights of a ChatGLM folder, and transformers' GLM made of them in memory.

A `.bin` file is a pickle; it is read by torch's unpickler for tensors alone (`weights_only`), which runs
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yanray.chatglm.layout import Layout
from yanray.errors import DataError, ModelError

SAFE_TORCH = (2, 6)  # before it, a file could run code even so (CVE-2025-32434)


def weight_files(folder: Path) -> list[Path]:
    """The files of weights in FOLDER: safetensors where there are any."""
    return sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))


def stored_tensors(folder: Path) -> Iterator[tuple[str, Any]]:
    """(name, tensor) of all weights in FOLDER, read from disk when they are used. Raises DataError,
    ModelError."""
    for path in weight_files(folder):
        yield from (_pickled(path) if path.suffix == ".bin" else _safe(path))


def open_glm(folder: Path, layout: Layout, **options: Any) -> Any:
    """The GlmForCausalLM of FOLDER, which is in the authors' layout. options: of `from_pretrained`.

    Raises ModelError, DataError, and what transformers raises.
    """
    from transformers import GlmConfig, GlmForCausalLM

    state: dict[str, Any] = {}
    for name, tensor in stored_tensors(folder):
        state.update(layout.tensors(name, tensor))
    model, report = GlmForCausalLM.from_pretrained(
        None, config=GlmConfig(**layout.glm), state_dict=state, output_loading_info=True, **options
    )
    tied = {"lm_head.weight"} if layout.glm["tie_word_embeddings"] else set[str]()
    missing = sorted(set(report["missing_keys"]) - tied)
    if missing:
        raise ModelError(f"{folder}: lacks {', '.join(missing[:3])}; are all its files there? Fetch it again")
    return model


def _safe(path: Path) -> Iterator[tuple[str, Any]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="pt") as stored:
            for name in stored.keys():  # noqa: SIM118 - it is no dict
                yield name, stored.get_tensor(name)
    except (SafetensorError, OSError) as error:
        raise DataError(f"{path}: damaged or cut short ({error}); fetch it again") from None


def _pickled(path: Path) -> Iterator[tuple[str, Any]]:
    import pickle

    import torch

    version = torch.__version__
    if tuple(int(part) for part in version.split(".")[:2]) < SAFE_TORCH:
        raise ModelError(f"{path}: a pickle, which torch {version} does not read safely; update torch")
    try:
        yield from torch.load(path, map_location="cpu", weights_only=True, mmap=True).items()
    except (OSError, RuntimeError, pickle.UnpicklingError, AttributeError, EOFError) as error:
        why = str(error).splitlines() or [type(error).__name__]
        raise DataError(f"{path}: holds no tensors that can be read ({why[0]}); fetch it again") from None
