"""Whole parts of a layer for a few tokens, in as few kernels as they need: Triton's, on a GPU.

Rotating queries and keys and writing keys and values into their slots is one kernel. Attention is two: each
program looks at a stretch of slots, then the stretches are joined (online softmax: Milakov and Gimelshein
2018, arXiv:1805.02867; split over keys as in FlashAttention, Dao et al. 2022, arXiv:2205.14135, for
decoding). silu(gate) * up is one, and so is the sum before a layer's second norm with that norm.

A layer gets them only if, tried on random numbers, they give there what the layer's own code gives; so no
list of models is needed, and without Triton or a compiler all stays as it was. Projections are called as the
modules they are, whatever they hold.
"""

from __future__ import annotations

import importlib.util
import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from yanray.cores.evaluator import MOST_OUTPUTS
from yanray.cores.hf_slots import Slots, unseen

CLOSE = 0.03  # relative difference that half precision explains; the other rotation differs by a half
PARTS, SLOTS = 64, 32  # of attention: most stretches of slots, and slots of a tile
COLUMNS = 1024  # of a tile of silu(gate) * up
PROJECTIONS = {"q_proj", "k_proj", "v_proj", "o_proj"}
HEAD_NORMS = {"q_norm", "k_norm"}
LAYER = {"self_attn", "mlp", "input_layernorm", "post_attention_layernorm"}
BEFORE = 5  # slots that stand before those of a trial


def install(model: Any) -> None:
    """Give MODEL's layers these kernels where they give what the layer gives."""
    if importlib.util.find_spec("triton") is None:
        return
    pairs = False  # which rotation the last layer had
    otherwise: set[type] = set()  # kinds of modules that compute otherwise
    for module in model.modules():
        names, kind = {name for name, _ in module.named_children()}, type(module)
        if "forward" in vars(module) or kind in otherwise:  # somebody's hook is there
            continue
        if PROJECTIONS <= names <= PROJECTIONS | HEAD_NORMS:
            alike = next((way for way in (pairs, not pairs) if _attends_alike(model, module, way)), None)
            if alike is not None:
                pairs = alike
                module.forward = partial(_attention, module, module.forward, pairs)
            else:
                otherwise.add(kind)
        elif "down_proj" in names and ("gate_up_proj" in names or {"gate_proj", "up_proj"} <= names):
            if _gates_alike(model, module):
                module.forward = partial(_gated, module, module.forward)
            else:
                otherwise.add(kind)
    for module in model.modules():  # now that what they call is settled
        names, kind = {name for name, _ in module.named_children()}, type(module)
        if names == LAYER and "forward" not in vars(module) and kind not in otherwise:
            if _sums_alike(model, module):
                module.forward = partial(_layer, module, module.forward)
            else:
                otherwise.add(kind)


def _attention(
    module: Any, whole: Callable[..., Any], pairs: bool, hidden_states: Any, *arguments: Any, **options: Any
) -> Any:
    """The forward of an attention module; what WHOLE gives, unless a few tokens go into slots."""
    slots, angles = _slots(hidden_states, options), options.get("position_embeddings")
    if arguments or angles is None or slots is None:
        return whole(hidden_states, *arguments, **options)
    query, key, value = (
        getattr(module, name)(hidden_states)[0].unflatten(-1, (-1, module.head_dim))
        for name in ("q_proj", "k_proj", "v_proj")
    )
    if hasattr(module, "q_norm"):
        query, key = module.q_norm(query), module.k_norm(key)
    out = attention(query, key, value, angles, slots, module.layer_idx, module.scaling, pairs)
    return module.o_proj(out.view(1, len(query), -1)), None


def _slots(hidden: Any, options: dict[str, Any]) -> Slots | None:
    """The slots among a forward's OPTIONS, where HIDDEN is of so few tokens that the kernels are for them."""
    slots = options.get("cache", options.get("past_key_values"))
    few = hidden.shape[0] == 1 and hidden.shape[1] <= MOST_OUTPUTS
    return slots if few and isinstance(slots, Slots) else None


def attention(
    query: Any, key: Any, value: Any, angles: Any, slots: Slots, layer: int, scaling: float, pairs: bool
) -> Any:
    """Put KEY, rotated, and VALUE [tokens, KV heads, size] of LAYER into SLOTS: what QUERY [tokens, heads,
    size], rotated, sees there. angles: cosines and sines [1, tokens, rotated]; pairs: see `_rotated`."""
    from yanray.cores.hf_kernels import join, look, turn

    tokens, heads, size = query.shape
    shared = key.shape[1]
    held = slots.held(layer, key.transpose(0, 1)[None], value.transpose(0, 1)[None])
    if held[0].shape != held[1].shape:
        raise ValueError("keys and values of different sizes")
    places, capacity = slots.places, held[0].shape[2]
    cosines, sines = (each.expand(1, tokens, -1).contiguous() for each in angles)
    padded = max(16, 1 << (size - 1).bit_length())
    turned = torch.empty((heads, tokens, size), dtype=query.dtype, device=query.device)
    turn[(tokens, heads + 2 * shared)](
        query.contiguous(), key.contiguous(), value.contiguous(), cosines, sines, places, turned, *held,
        capacity, tokens, scaling,
        HEADS=heads, KV_HEADS=shared, SIZE=size, PADDED=padded, TURNED=cosines.shape[-1], PAIRS=pairs,
        num_warps=1,
    )  # fmt: skip
    rows = heads // shared * tokens
    most = 64 if query.dtype.itemsize == 2 else 16  # wider numbers would not fit the registers
    tile = min(most, max(16, 1 << (rows - 1).bit_length()))  # tensor cores want 16
    span = SLOTS * -(-slots.reach // (SLOTS * PARTS))
    parts = -(-slots.reach // span)
    sums = torch.empty((parts, heads * tokens, size), dtype=torch.float32, device=query.device)
    tops, totals = torch.empty((2, parts, heads * tokens), dtype=torch.float32, device=query.device)
    look[(shared, -(-rows // tile), parts)](
        turned, *held, places, sums, tops, totals, capacity, tokens, rows,
        SPAN=span, SIZE=size, PADDED=padded, ROWS=tile, SLOTS=SLOTS, num_warps=4, num_stages=2,
    )  # fmt: skip
    out = torch.empty_like(turned).view(tokens, heads, size)
    join[(tokens, heads)](
        sums, tops, totals, out, parts, tokens, heads, SIZE=size, PADDED=padded, PARTS=PARTS, num_warps=4
    )
    return out


def _attends_alike(model: Any, module: Any, pairs: bool) -> bool:
    if any("softcap" in name for name in vars(module)) or getattr(module, "sliding_window", None) is not None:
        return False
    return _close(lambda: attention_difference(model, module, pairs))


def _close(difference: Callable[[], float]) -> bool:
    """Whether the DIFFERENCE that a trial finds is one of half precision. A trial that fails: no."""
    try:
        with torch.inference_mode():
            return difference() < CLOSE
    except Exception:  # noqa: BLE001 - no compiler, a card it does not know, a forward of another kind
        return False


def attention_difference(model: Any, module: Any, pairs: bool) -> float:
    """How far MODULE, given our kernels, leaves in the slots and gives something else than its own code does
    at the end of its context (some models scale there): the largest relative difference."""
    with torch.inference_mode():
        return _trial_difference(model, module, partial(_attention, module, module.forward, pairs), module)


def _trial_difference(model: Any, attention_module: Any, ours: Callable[..., Any], module: Any) -> float:
    """The largest relative difference of what OURS and MODULE, the ATTENTION_MODULE or the layer around it,
    give and leave in its slots."""
    found = []
    for tokens in (1, MOST_OUTPUTS):
        trial = _Trial(model, attention_module, tokens)
        both = zip(trial.run(ours), trial.run(module.forward), strict=True)
        found += [_difference(*each) for each in both]
    return _largest(found)


class _Trial:
    """The same random TOKENS for two forwards of an attention module, or of the layer around it."""

    def __init__(self, model: Any, module: Any, tokens: int) -> None:
        furthest = model.config.max_position_embeddings
        self._module = module
        self._ids = torch.arange(furthest - tokens, furthest, device=model.device)[None]
        self._hidden = torch.randn(1, tokens, model.config.hidden_size, device=model.device).to(model.dtype)
        self._angles = model.base_model.rotary_emb(self._hidden, self._ids)
        heads = module.k_proj(self._hidden).shape[-1] // module.head_dim
        self._before = torch.randn(2, 1, heads, BEFORE, module.head_dim, device=model.device).to(model.dtype)
        # keys so large that what is seen depends on the rotation of the query
        self._before[0] *= 2 / module.q_proj(self._hidden).float().std()

    def run(self, forward: Callable[..., Any]) -> list[Any]:
        """What FORWARD gives, and the keys and values that it leaves."""
        layer, hidden = self._module.layer_idx, self._hidden
        slots = Slots(4 * SLOTS)
        slots.layers = [(hidden, hidden)] * layer  # of the layers before nothing is looked at
        slots.places = torch.arange(BEFORE, device=hidden.device)
        slots.update(*self._before, layer)
        slots.places = torch.arange(BEFORE, BEFORE + hidden.shape[1], device=hidden.device)
        slots.reach, slots.length = 4 * SLOTS, BEFORE
        cache = {"cache" if "cache" in _taken(self._module) else "past_key_values": slots}
        mask = unseen(slots.places, slots.reach, hidden.dtype)
        out = forward(
            hidden_states=hidden, position_embeddings=self._angles, attention_mask=mask,
            position_ids=self._ids, **cache,
        )  # fmt: skip
        keys, values = slots.layers[layer]
        out = out[0] if isinstance(out, tuple) else out
        return [out, keys[:, :, slots.places], values[:, :, slots.places]]


def _taken(module: Any) -> Any:
    return inspect.signature(type(module).forward).parameters


def _layer(
    module: Any, whole: Callable[..., Any], hidden_states: Any, *arguments: Any, **options: Any
) -> Any:
    """The forward of a layer; what WHOLE gives, unless a few tokens go into slots."""
    if arguments or _slots(hidden_states, options) is None:
        return whole(hidden_states, *arguments, **options)
    from yanray.cores.hf_kernels import add_norm

    hidden = hidden_states.contiguous()
    attended, _ = module.self_attn(hidden_states=module.input_layernorm(hidden), **options)
    norm, columns = module.post_attention_layernorm, hidden.shape[-1]
    total, normed = torch.empty_like(hidden), torch.empty_like(hidden)
    add_norm[(hidden.shape[1],)](
        hidden, attended.contiguous(), norm.weight, total, normed, columns, norm.variance_epsilon,
        COLUMNS=1 << (columns - 1).bit_length(), num_warps=8,
    )  # fmt: skip
    return total + module.mlp(normed)


def _sums_alike(model: Any, module: Any) -> bool:
    ours = partial(_layer, module, module.forward)
    return _close(lambda: _trial_difference(model, module.self_attn, ours, module))


def _gated(module: Any, whole: Callable[..., Any], hidden: Any, *arguments: Any) -> Any:
    """The forward of a gated module; what WHOLE gives for many tokens or while a gradient is wanted."""
    if arguments or hidden.numel() // hidden.shape[-1] > MOST_OUTPUTS or torch.is_grad_enabled():
        return whole(hidden, *arguments)
    from yanray.cores.hf_kernels import gate

    if hasattr(module, "gate_up_proj"):
        gates, ups = module.gate_up_proj(hidden).chunk(2, -1)
    else:
        gates, ups = module.gate_proj(hidden).contiguous(), module.up_proj(hidden).contiguous()
    columns = gates.shape[-1]
    out = torch.empty(gates.shape, dtype=gates.dtype, device=gates.device)
    gate[(-(-columns // COLUMNS), out.numel() // columns)](
        gates, ups, out, gates.stride(-2), columns, COLUMNS=COLUMNS, num_warps=4
    )
    return module.down_proj(out)


def _gates_alike(model: Any, module: Any) -> bool:
    def difference() -> float:
        first = getattr(module, "gate_up_proj", None) or module.gate_proj
        found = []
        for tokens in (1, MOST_OUTPUTS):
            hidden = 4 * torch.randn(1, tokens, first.in_features, device=model.device).to(model.dtype)
            found.append(_difference(_gated(module, module.forward, hidden), module.forward(hidden)))
        return _largest(found)

    return _close(difference)


def _largest(differences: list[float]) -> float:
    """The largest of DIFFERENCES; what is no number is larger than any."""
    return math.inf if any(map(math.isnan, differences)) else max(differences)


def _difference(ours: Any, right: Any) -> float:
    return float((ours.float() - right.float()).norm() / right.float().norm())
