"""Attention of a few tokens over a KV cache, and norms in one kernel: what a step spends its launches on.

The query heads that share a KV head stand as rows of one matrix, so keys and values are read once and never
copied (grouped-query attention: Ainslie et al. 2023, arXiv:2305.13245). Longer batches go to PyTorch's own.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch.nn import functional

from yanray.cores import hf_decoding
from yanray.cores.evaluator import MOST_OUTPUTS

ATTENTION = "yanray"  # the name that transformers knows ours by
OTHER_KINDS = ("softcap", "s_aux", "position_bias")  # arguments of attention that ours does not know


def install(model: Any) -> None:
    """Have MODEL, whose attention is `sdpa`, attend with `attend`; on a GPU also use fewer kernels."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, attend)
    model.config._attn_implementation = ATTENTION
    if model.device.type == "cuda":
        _fuse_norms(model)
        hf_decoding.install(model)


def attend(
    module: Any,
    query: Any,
    key: Any,
    value: Any,
    attention_mask: Any,
    scaling: float | None = None,
    **options: Any,
) -> tuple[Any, None]:
    """query: [1, heads, tokens, size]; key, value: [1, KV heads, slots, size]; attention_mask:
    [1, 1, tokens, slots], added to the scores (another goes to PyTorch's). Gives [1, tokens, heads, size]."""
    tokens = query.shape[2]
    added = attention_mask is not None and attention_mask.is_floating_point()
    if tokens > MOST_OUTPUTS or not added or any(options.get(kind) is not None for kind in OTHER_KINDS):
        out, _ = _library(module, query, key, value, attention_mask, scaling=scaling, **options)
        return out, None
    _, heads, _, size = query.shape
    groups = heads // key.shape[1]
    rows = query[0].reshape(key.shape[1], groups * tokens, size) * (scaling or size**-0.5)
    scores = torch.matmul(rows, key[0].transpose(1, 2)).view(key.shape[1], groups, tokens, -1)
    weights = torch.softmax(scores.add_(attention_mask[0]), -1)  # summed in float32 inside
    out = torch.matmul(weights.flatten(1, 2), value[0])
    return out.view(heads, tokens, -1).transpose(0, 1)[None], None


def _library(*arguments: Any, **options: Any) -> Any:
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    return sdpa_attention_forward(*arguments, **options)


def _fuse_norms(model: Any) -> None:
    """Give every RMSNorm of Llama's kind (Zhang and Sennrich 2019, arXiv:1910.07467) PyTorch's kernel."""
    alike: dict[type, bool] = {}
    for module in model.modules():
        kind = type(module)
        if not (hasattr(module, "variance_epsilon") and "weight" in module._parameters):
            continue
        ours = partial(_norm, module)
        if kind not in alike:
            probe = torch.randn(4, module.weight.shape[0], device=module.weight.device)
            probe = probe.to(module.weight.dtype)
            with torch.inference_mode():
                alike[kind] = bool(torch.allclose(ours(probe), module(probe), rtol=0.02, atol=1e-3))
        if alike[kind]:
            module.forward = ours


def _norm(module: Any, hidden: Any) -> Any:
    return functional.rms_norm(hidden, module.weight.shape, module.weight, module.variance_epsilon)
