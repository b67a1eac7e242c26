"""The embedded model in torch: the Llama architecture exactly as llama.cpp runs it.

Weights are one dictionary under Hugging Face's names, so that `LlamaForCausalLM` reads them as they are.
Tokens of all rows stand in one long row; attention stays inside documents, whose borders are given with the
batch.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F

varlen_attn: Any = None
_CAUSAL: dict[str, Any] = {}
with contextlib.suppress(ImportError):  # without it, `choose_attention` takes the masked one
    from torch.nn.attention.varlen import varlen_attn  # type: ignore[no-redef]

    # torch 2.10 calls it is_causal, later ones window_size
    _known = inspect.signature(varlen_attn).parameters
    _CAUSAL = {"is_causal": True} if "is_causal" in _known else {"window_size": (-1, 0)}

Tensor: TypeAlias = Any  # torch.Tensor; torch's types are not read by the checker
Attend: TypeAlias = Callable[[Tensor, Tensor, Tensor, Tensor, int], Tensor]
EPSILON = 1e-5
THETA = 10_000.0
LAYER_PARTS = (
    "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
    "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj",
)  # fmt: skip
EMBEDDING = "model.embed_tokens.weight"
LAST_NORM = "model.norm.weight"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a model. `heads` * `head` is the width of the queries; `shared` heads hold keys and values."""

    vocabulary: int = 12_288
    width: int = 512
    layers: int = 12
    heads: int = 8
    shared: int = 4
    inner: int = 1_408
    context: int = 2_048

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.width // self.heads

    def as_dict(self) -> dict[str, int]:
        """For checkpoints and headers of weight files."""
        return asdict(self)


def layer_sizes(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Shape of each of a layer's weights, in the order of `LAYER_PARTS`."""
    width, keys = shape.width, shape.shared * shape.head
    sizes: tuple[tuple[int, ...], ...] = (
        (width,), (width, width), (keys, width), (keys, width), (width, width),
        (width,), (shape.inner, width), (shape.inner, width), (width, shape.inner),
    )  # fmt: skip
    return dict(zip(LAYER_PARTS, sizes, strict=True))


def new_weights(shape: Shape, seed: int) -> dict[str, Tensor]:
    """Fresh weights (float32, CPU). What writes into the residual stream begins at zero, so depth is no
    hazard.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = {EMBEDDING: torch.randn(shape.vocabulary, shape.width, generator=generator) * 0.02}
    for layer in range(shape.layers):
        for part, size in layer_sizes(shape).items():
            name = f"model.layers.{layer}.{part}.weight"
            if len(size) == 1:
                weights[name] = torch.ones(size)
            elif part.endswith(("o_proj", "down_proj")):
                weights[name] = torch.zeros(size)
            else:
                weights[name] = torch.randn(size, generator=generator) * (size[1] ** -0.5)
    weights[LAST_NORM] = torch.ones(shape.width)
    return weights


def layer_weights(weights: dict[str, Tensor], layer: int) -> tuple[Tensor, ...]:
    """The weights of LAYER in the order of `LAYER_PARTS`."""
    return tuple(weights[f"model.layers.{layer}.{part}.weight"] for part in LAYER_PARTS)


def rope_tables(positions: Tensor, head: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines, float32 [tokens, 1, head/2], of the rotary angles at POSITIONS (int [tokens])."""
    steps = torch.arange(0, head, 2, dtype=torch.float32, device=positions.device) / head
    angles = positions.float()[:, None] * (THETA**-steps)[None, :]
    return angles.cos()[:, None, :], angles.sin()[:, None, :]


def rms_norm(x: Tensor, weight: Tensor) -> Tensor:
    """RMSNorm over the last dimension, worked in float32."""
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + EPSILON) * weight).to(x.dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions in Hugging Face's order: the first half of a head is paired with the second."""
    first, second = x.float().chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1).to(x.dtype)


def linear(x: Tensor, weight: Tensor) -> Tensor:
    """x @ weight.T in x's type; weights are kept in float32."""
    return F.linear(x, weight.to(x.dtype))


def block(
    x: Tensor, layer: tuple[Tensor, ...], cos: Tensor, sin: Tensor, borders: Tensor, longest: int,
    head: int, attend: Attend,
) -> Tensor:  # fmt: skip
    """One layer over x [tokens, width]; the same code for every layer, so it is compiled once."""
    norm, wq, wk, wv, wo, norm2, gate, up, down = layer
    tokens = x.shape[0]
    h = rms_norm(x, norm)
    q = rotate(linear(h, wq).view(tokens, -1, head), cos, sin)
    k = rotate(linear(h, wk).view(tokens, -1, head), cos, sin)
    v = linear(h, wv).view(tokens, -1, head)
    times = q.shape[1] // k.shape[1]
    seen = attend(q, k.repeat_interleave(times, 1), v.repeat_interleave(times, 1), borders, longest)
    x = x + linear(seen.reshape(tokens, -1), wo)
    h = rms_norm(x, norm2)
    return x + linear(F.silu(linear(h, gate)) * linear(h, up), down)


def masked_attention(q: Tensor, k: Tensor, v: Tensor, borders: Tensor, longest: int) -> Tensor:
    """Causal attention inside documents, by a mask. q, k, v: [tokens, heads, head]; tokens is rows * LONGEST.

    borders: int32 [documents + 1], where documents begin, and the end.
    """
    tokens, heads, head = q.shape
    places = torch.arange(tokens, device=q.device, dtype=borders.dtype)
    document = torch.bucketize(places, borders, right=True).view(-1, 1, longest)
    mask = (document.unsqueeze(-1) == document.unsqueeze(-2)).tril()
    q, k, v = (t.view(-1, longest, heads, head).transpose(1, 2) for t in (q, k, v))
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    return out.transpose(1, 2).reshape(tokens, heads, head)


def flash_attention(q: Tensor, k: Tensor, v: Tensor, borders: Tensor, longest: int) -> Tensor:
    """The same as `masked_attention`, by torch's variable-length flash attention: no mask, no wasted work."""
    return varlen_attn(q, k, v, borders, borders, longest, longest, **_CAUSAL)


def hidden_states(
    weights: dict[str, Tensor], ids: Tensor, positions: Tensor, borders: Tensor, longest: int, shape: Shape,
    *, attend: Attend = masked_attention, dtype: Any = torch.float32,
    run_block: Callable[..., Tensor] = block,
) -> Tensor:  # fmt: skip
    """What stands before the output layer, [tokens, width], for IDS [tokens] at POSITIONS [tokens]."""
    cos, sin = rope_tables(positions, shape.head)
    x = F.embedding(ids, weights[EMBEDDING]).to(dtype)
    for layer in range(shape.layers):
        x = run_block(x, layer_weights(weights, layer), cos, sin, borders, longest, shape.head, attend)
    return x


def logits(x: Tensor, norm: Tensor, embedding: Tensor) -> Tensor:
    """Scores of every token, [tokens, vocabulary]; the output layer is the embedding."""
    return linear(rms_norm(x, norm), embedding)


def token_losses(x: Tensor, norm: Tensor, embedding: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy of TARGETS, float32 [tokens]."""
    return F.cross_entropy(logits(x, norm, embedding).float(), targets, reduction="none")
