"""A checkpoint folder of transformers: what it holds, what tells it from another, and whether it will fit."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any, Literal, TypeAlias

from yanray.chatglm.weights import weight_files as chatglm_files
from yanray.cores.machine import free_memory
from yanray.errors import ModelError

Load: TypeAlias = Literal["auto", "fp32", "bf16", "fp16", "int8", "nf4"]

BYTES = {"fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "int8": 1.0, "nf4": 0.56}
"""Bytes of a weight inside the layers; embeddings stay in 16 bits under int8 and nf4."""
EDGE = 1 << 16  # bytes of a file's head and tail that stand for the whole in the fingerprint
SPARE = 1.1  # times the weights: what running them takes beside, without the KV cache


def read_config(folder: Path) -> dict[str, Any]:
    """The folder's config.json. Raises ModelError, also for what this core does not run."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}; give a folder that transformers wrote") from None
    kind = config.get("model_type") if isinstance(config, dict) else None
    if not kind:
        raise ModelError(f"{path}: names no `model_type`; give a folder that transformers wrote")
    if not (chatglm_files(folder) if kind == "chatglm" else weight_files(folder)):
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


def count_weights(folder: Path) -> int:
    """Numbers in the files of weights, from their headers. Raises ModelError."""
    from safetensors import SafetensorError, safe_open

    total = 0
    for path in weight_files(folder):
        try:
            with safe_open(str(path), framework="numpy") as stored:
                total += sum(math.prod(stored.get_slice(name).get_shape()) for name in stored.keys())  # noqa: SIM118
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{path}: damaged or cut short ({error}); fetch it again") from None
    return total


def free_on(device: str) -> int:
    """Bytes free on DEVICE, `cpu` or a CUDA device."""
    if device == "cpu":
        return free_memory()
    import torch

    return int(torch.cuda.mem_get_info(device)[0])


def check_fit(folder: Path, load: str, device: str, free: int) -> None:
    """Raise ModelError when the weights, loaded as LOAD, are more than FREE bytes: nothing is ever put aside
    into slower memory unasked."""
    weights = count_weights(folder)
    needed = {kind: round(weights * size * SPARE) for kind, size in BYTES.items()}
    if needed[load] <= free:
        return
    fitting = [f"{kind} ({needed[kind] / 2**30:.1f} GiB)" for kind in ("int8", "nf4") if needed[kind] <= free]
    remedy = f"set `machine.load` to {' or '.join(fitting)}" if fitting else "take a smaller model"
    raise ModelError(
        f"{folder}: needs {needed[load] / 2**30:.1f} GiB as {load}, {device} has {free / 2**30:.1f} GiB "
        f"free; {remedy}, or give a GGUF of it, which needs less"
    )
