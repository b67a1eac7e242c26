"""GPTQ and AWQ folders written by hand from a small float one, and a folder of the same weights in float."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

GROUP = 32  # numbers that share a scale
MIDDLE = 8  # of 16 steps
AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)  # in which eight columns are packed
CONFIG: dict[str, dict[str, Any]] = {
    "gptq": {"quant_method": "gptq", "bits": 4, "group_size": GROUP, "desc_act": False, "sym": True},
    "awq": {"quant_method": "awq", "bits": 4, "group_size": GROUP, "version": "gemm", "zero_point": True},
}


def write_quantized(source: Path, root: Path, method: str) -> tuple[Path, Path]:
    """(the folder by METHOD, the folder of the same weights in float16), made of the folder SOURCE."""
    from safetensors.torch import load_file, save_file

    kept: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    for name, tensor in load_file(source / "model.safetensors").items():
        if tensor.ndim < 2 or "layers" not in name:
            kept[name] = whole[name] = tensor.half()
            continue
        steps, scales = _steps(tensor.float())
        stem = name.removesuffix("weight")
        kept |= {f"{stem}{part}": value for part, value in _packed(steps, scales, method).items()}
        wide = scales.float().repeat_interleave(GROUP, 0)
        whole[name] = ((steps - MIDDLE) * wide).T.half()
    config = json.loads((source / "config.json").read_text()) | {"dtype": "float16"}
    made = []
    for folder, tensors, more in (
        (root / method, kept, {"quantization_config": CONFIG[method]}),
        (root / "whole", whole, {}),
    ):
        shutil.copytree(source, folder)
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config | more))
        made.append(folder)
    return made[0], made[1]


def _steps(weight: Any) -> tuple[Any, Any]:
    """WEIGHT [out, in] as steps 0..15 [in, out] and float16 scales [in / GROUP, out]."""
    import torch

    rows = weight.T
    groups = rows.reshape(-1, GROUP, rows.shape[1])
    scales = (groups.abs().amax(1) / 7).half()
    steps = torch.round(groups / scales.float()[:, None]).clamp(-8, 7) + MIDDLE
    return steps.reshape(rows.shape), scales


def _packed(steps: Any, scales: Any, method: str) -> dict[str, Any]:
    import torch

    zeros = torch.full_like(scales, MIDDLE - 1 if method == "gptq" else MIDDLE)  # GPTQ stores one less
    if method == "awq":
        return {"qweight": _columns(steps, AWQ_ORDER), "qzeros": _columns(zeros, AWQ_ORDER), "scales": scales}
    return {
        "qweight": _columns(steps.T, range(8)).T,
        "qzeros": _columns(zeros, range(8)),
        "scales": scales,
        "g_idx": torch.arange(steps.shape[0], dtype=torch.int32) // GROUP,
    }


def _columns(steps: Any, order: Any) -> Any:
    """Eight columns of STEPS [n, m] in each int32 [n, m / 8], the first of ORDER in the lowest bits."""
    import torch

    eights = steps.to(torch.int64).reshape(steps.shape[0], -1, 8)
    packed = sum(eights[:, :, column] << 4 * place for place, column in enumerate(order))
    return packed.to(torch.int64).where(packed < 2**31, packed - 2**32).to(torch.int32)
