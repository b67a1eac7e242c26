"""Files of weights: safetensors (with the model's sizes in the header), checkpoints, and our own GGUF read
back.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from yanray.errors import DataError
from yanray.train.model import EMBEDDING, LAST_NORM, Shape, Tensor, layer_sizes
from yanray.train.tokenizer import assemble_tokenizer

GGUF_PARTS = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}  # Hugging Face's name of a layer's part: llama.cpp's


def gguf_names(shape: Shape) -> dict[str, str]:
    """Hugging Face's name of each weight: its name in a GGUF."""
    names = {EMBEDDING: "token_embd.weight", LAST_NORM: "output_norm.weight"}
    for layer in range(shape.layers):
        for part in layer_sizes(shape):
            names[f"model.layers.{layer}.{part}.weight"] = f"blk.{layer}.{GGUF_PARTS[part]}.weight"
    return names


def save_weights(path: Path, weights: dict[str, Tensor], shape: Shape, kind: Any = torch.float16) -> None:
    """WEIGHTS as safetensors of type KIND; the sizes stand in the header under `shape`."""
    from safetensors.torch import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {name: w.detach().to("cpu", kind).contiguous() for name, w in weights.items()}
    save_file(plain, str(path), metadata={"shape": json.dumps(shape.as_dict()), "format": "pt"})


def load_weights(path: Path) -> tuple[dict[str, Tensor], Shape]:
    """Weights (float32) and sizes from a file of `save_weights` or a checkpoint of the training."""
    if path.suffix == ".pt":
        state = load_checkpoint(path)
        return {name: w.float() for name, w in state["weights"].items()}, Shape(**state["shape"])
    from safetensors import safe_open

    try:
        with safe_open(str(path), framework="pt") as stored:
            shape = Shape(**json.loads(stored.metadata()["shape"]))
            return {name: stored.get_tensor(name).float() for name in stored.keys()}, shape  # noqa: SIM118
    except (OSError, KeyError, TypeError) as problem:
        raise DataError(
            f"{path} holds no weights of this training ({problem}): give its .safetensors or .pt."
        ) from None


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """STATE to PATH in one step: a kill leaves the old file or the new one.

    Raises DataError when there is no room or no right to write.
    """
    partial = path.with_suffix(".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(state, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:  # torch's own writer raises the latter on a full disk
        partial.unlink(missing_ok=True)
        raise unwritten(path, error) from None


def unwritten(path: Path, error: Exception) -> DataError:
    """ERROR, which kept something of a training from being written to PATH, with its remedy."""
    why = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0]
    return DataError(f"{path}: cannot be written ({why}); make room, or name another --out")


def load_checkpoint(path: Path) -> dict[str, Any]:
    """What `save_checkpoint` wrote."""
    if not path.is_file():
        raise DataError(f"There is no checkpoint {path}: leave out --resume to begin anew.")
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def interleave(weight: Tensor, heads: int) -> Tensor:
    """Rows of a query or key matrix in llama.cpp's rotary order (pairs side by side), from Hugging Face's
    (halves).

    The same as `LlamaModel.permute` of llama.cpp's convert_hf_to_gguf.py.
    """
    return weight.reshape(heads, 2, -1, weight.shape[-1]).swapaxes(1, 2).reshape(weight.shape)


def deinterleave(weight: Tensor, heads: int) -> Tensor:
    """The other way round."""
    return weight.reshape(heads, -1, 2, weight.shape[-1]).swapaxes(1, 2).reshape(weight.shape)


def read_gguf(path: Path) -> tuple[dict[str, Tensor], Shape, Any]:
    """Weights (dequantised to float32), sizes and tokenizer of a GGUF that `export` wrote."""
    from gguf import GGUFReader
    from gguf.quants import dequantize

    reader = GGUFReader(str(path))
    tensors = {t.name: torch.from_numpy(dequantize(t.data, t.tensor_type).copy()) for t in reader.tensors}
    field = {name: value.contents() for name, value in reader.fields.items()}
    shape = Shape(
        vocabulary=len(field["tokenizer.ggml.tokens"]),
        width=field["llama.embedding_length"],
        layers=field["llama.block_count"],
        heads=field["llama.attention.head_count"],
        shared=field["llama.attention.head_count_kv"],
        inner=field["llama.feed_forward_length"],
        context=field["llama.context_length"],
    )
    weights = {ours: tensors[theirs].float() for ours, theirs in gguf_names(shape).items()}
    for name in weights:
        if name.endswith(("q_proj.weight", "k_proj.weight")):
            heads = shape.heads if name.endswith("q_proj.weight") else shape.shared
            weights[name] = deinterleave(weights[name], heads)
    tokenizer = assemble_tokenizer(field["tokenizer.ggml.tokens"], field["tokenizer.ggml.merges"])
    return weights, shape, tokenizer
