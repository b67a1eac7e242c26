"""A checkpoint folder of transformers: what it holds, what tells it from another, and whether it will fit."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal, TypeAlias

from yanray.chatglm.weights import weight_files as chatglm_files
from yanray.cores.machine import free_memory
from yanray.errors import ModelError

Load: TypeAlias = Literal["auto", "fp32", "bf16", "fp16", "int8", "nf4"]

EDGE = 1 << 16  # bytes of a file's head and tail that stand for the whole in the fingerprint


def read_config(folder: Path, *, weights: bool = True) -> dict[str, Any]:
    """The folder's config.json. Raises ModelError, also for what this core does not run.

    weights: whether they must be there.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}; give a folder that transformers wrote") from None
    kind = config.get("model_type") if isinstance(config, dict) else None
    if not kind:
        raise ModelError(f"{path}: names no `model_type`; give a folder that transformers wrote")
    if weights and not (chatglm_files(folder) if kind == "chatglm" else weight_files(folder)):
        raise ModelError(
            f"{folder}: holds no .safetensors; weights as pickles (.bin) run code when they are read, so "
            "convert them to safetensors first"
        )
    return dict(config)


def weight_files(folder: Path) -> list[Path]:
    """The files of weights in FOLDER."""
    return sorted(folder.glob("*.safetensors"))


def fingerprint(folder: Path) -> str:
    """What tells this checkpoint from any other: its small files whole, of its weights sizes and edges."""
    digest = hashlib.sha256()
    small = {path for kind in ("json", "jinja", "model") for path in folder.glob(f"*.{kind}")}
    for path in sorted({*small, *chatglm_files(folder)}):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size}:".encode())
        with path.open("rb") as file:
            digest.update(file.read() if path in small else file.read(EDGE))
            if path not in small:
                file.seek(max(0, size - EDGE))
                digest.update(file.read())
    return digest.hexdigest()[:32]


def free_on(device: str) -> int:
    """Bytes free on DEVICE, `cpu` or a CUDA device."""
    if device == "cpu":
        return free_memory()
    import torch

    return int(torch.cuda.mem_get_info(device)[0])
