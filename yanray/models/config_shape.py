"""The sizes of a model from its config.json, as transformers and ChatGLM's own code write it.

Covers decoders with full attention in the manner of Llama, Mistral, Qwen, GLM, ChatGLM, Gemma, Phi, GPT-2 and
GPT-NeoX, mixtures of experts among them; of a multimodal model, its language part (`text_config`).
Does not cover state-space models, whose memory follows other rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yanray.errors import DataError
from yanray.models.shape import Shape

ALIASES = {
    "layers": ("num_hidden_layers", "num_layers", "n_layer", "n_layers"),
    "width": ("hidden_size", "n_embd", "d_model"),
    "heads": ("num_attention_heads", "n_head", "n_heads"),
    "vocabulary": ("padded_vocab_size", "vocab_size"),
    "context": ("max_position_embeddings", "seq_length", "n_positions", "n_ctx", "max_sequence_length"),
}
STATEFUL = {"mamba", "mamba2", "rwkv"}
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")
UNGATED = {"gpt2", "gpt_neox", "gptj", "gpt_bigcode", "opt", "bloom", "falcon", "phi", "starcoder2", "mpt"}
TIED = {"gpt2", "gemma", "gemma2", "gemma3", "gemma3_text", "opt", "bloom", "falcon", "gpt_bigcode", "mpt"}
FUSED = {"chatglm", "gpt2", "gpt_neox", "gpt_bigcode", "bloom", "falcon", "mpt", "phi3"}


def shape_of(config: Mapping[str, Any], source: str) -> Shape:
    """The sizes in CONFIG, the content of SOURCE. Raises DataError naming the key that is missing."""
    inside = config.get("text_config")
    if isinstance(inside, Mapping) and "num_hidden_layers" not in config:
        return shape_of(_with_defaults(inside), source)
    if config.get("model_type") in STATEFUL:
        raise DataError(
            f"{source}: a {config['model_type']} model keeps no KV cache; its memory is not reckoned here"
        )
    sizes = {name: _first(config, keys, source) for name, keys in ALIASES.items()}
    family = str(config.get("model_type", "llama"))
    head = int(config.get("head_dim") or config.get("kv_channels") or sizes["width"] // sizes["heads"])
    experts = next((int(config[key]) for key in EXPERTS if config.get(key)), 0)
    return Shape(
        family=family,
        inner=_inner(config, sizes["width"], family, experts),
        kv_heads=_kv_heads(config, sizes["heads"]),
        key=head,
        value=head,
        gated=family not in UNGATED,
        tied=bool(config.get("tie_word_embeddings", family in TIED)),
        fused=family in FUSED,
        experts=experts,
        experts_used=int(config.get("num_experts_per_tok") or 0),
        **sizes,
    )


def stored_kind(config: Mapping[str, Any]) -> str:
    """The number format in which the weights are kept, as safetensors would name it."""
    inside = config.get("text_config")
    nested = inside.get("torch_dtype") if isinstance(inside, Mapping) else None
    name = str(config.get("torch_dtype") or config.get("dtype") or nested or "float16")
    return {"float32": "F32", "bfloat16": "BF16"}.get(name.removeprefix("torch."), "F16")


def _with_defaults(inside: Mapping[str, Any]) -> Mapping[str, Any]:
    """A `text_config` may leave out what transformers' LlamaConfig assumes, which is Llama 7B."""
    if inside.get("model_type") != "llama":
        return inside
    assumed = {
        "num_hidden_layers": 32,
        "hidden_size": 4096,
        "num_attention_heads": 32,
        "intermediate_size": 11008,
        "max_position_embeddings": 2048,
        "vocab_size": 32000,
        "tie_word_embeddings": False,
    }
    return {**assumed, **inside}


def _first(config: Mapping[str, Any], keys: tuple[str, ...], source: str) -> int:
    for key in keys:
        if isinstance(config.get(key), int) and config[key] > 0:
            return int(config[key])
    raise DataError(f"{source}: holds none of {', '.join(keys)}; is it the config.json of a language model?")


def _kv_heads(config: Mapping[str, Any], heads: int) -> int:
    if config.get("multi_query_attention"):
        return int(config.get("multi_query_group_num") or 1)
    if config.get("multi_query") and "num_key_value_heads" not in config:
        return int(config.get("num_kv_heads") or 1)
    return int(config.get("num_key_value_heads") or heads)


def _inner(config: Mapping[str, Any], width: int, family: str, experts: int) -> int:
    if experts and config.get("moe_intermediate_size"):
        return int(config["moe_intermediate_size"])
    keys = ("intermediate_size", "ffn_hidden_size", "n_inner", "ffn_dim")
    stated = next((config[key] for key in keys if config.get(key)), None)
    if stated is None and family not in UNGATED:
        raise DataError(f"config.json of a {family} model without intermediate_size; its size cannot be told")
    return int(stated or 4 * width)
