"""The ChatGLM family in its authors' own layout (`model_type: chatglm`): ChatGLM2-6B, ChatGLM3-6B, GLM-4-9B.

The architecture is the one that transformers calls GLM and llama.cpp `chatglm`; here stand the sizes and the
names under which GLM keeps the same numbers. That layout's own code is never run.
Not covered: the first ChatGLM-6B, another architecture; GLM-4V; what the authors' own quantizer made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from yanray.chatglm.templates import TEMPLATES
from yanray.errors import ModelError

Version: TypeAlias = Literal[2, 3, 4]

VERSION_KEY = "chatglm_version"  # in the config.json of a folder that Yanray made from the authors' layout
ROLES = ("<|system|>", "<|user|>", "<|assistant|>", "<|observation|>")
OTHERS = ("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop")
MEDIA = ("<|begin_of_image|>", "<|end_of_image|>", "<|begin_of_video|>", "<|end_of_video|>")
SPECIALS: dict[Version, tuple[str, ...]] = {
    2: OTHERS,
    3: (*OTHERS, *ROLES),
    4: ("<|endoftext|>", *OTHERS[:3], "<sop>", "<eop>", *ROLES, *MEDIA),
}
"""Tokens behind the tokenizer's own, in their order (tokenization_chatglm.py of each model)."""

EXPECTED = {
    "rmsnorm": True,
    "post_layer_norm": True,
    "add_bias_linear": False,
    "apply_residual_connection_post_layernorm": False,
    "quantization_bit": False,
    "pre_seq_len": False,
    "vision_config": False,
}
"""What GLM takes for granted; all of the family's chat models keep it."""

SIZES = {
    "num_hidden_layers": "num_layers",
    "hidden_size": "hidden_size",
    "intermediate_size": "ffn_hidden_size",
    "num_attention_heads": "num_attention_heads",
    "head_dim": "kv_channels",
    "vocab_size": "padded_vocab_size",
    "max_position_embeddings": "seq_length",
}
BASE = 10000.0  # of the rotary frequencies
ROTATED = 0.5  # share of each head's numbers that are rotated
WHOLE = {
    "transformer.embedding.word_embeddings.weight": "model.embed_tokens.weight",
    "transformer.encoder.final_layernorm.weight": "model.norm.weight",
    "transformer.output_layer.weight": "lm_head.weight",
}
PARTS = {
    "input_layernorm": "input_layernorm",
    "post_attention_layernorm": "post_attention_layernorm",
    "self_attention.dense": "self_attn.o_proj",
    "mlp.dense_h_to_4h": "mlp.gate_up_proj",
    "mlp.dense_4h_to_h": "mlp.down_proj",
}
LAYER = re.compile(r"transformer\.encoder\.layers\.(?P<layer>\d+)\.(?P<part>.+)\.(?P<kind>weight|bias)")
FUSED = "self_attention.query_key_value"
REMADE = "rotary_pos_emb.inv_freq"  # reckoned anew from the sizes


@dataclass(frozen=True, slots=True)
class Layout:
    """One model of the family. glm: the values of transformers' GlmConfig, under its names."""

    version: Version
    glm: dict[str, Any]

    @property
    def specials(self) -> tuple[str, ...]:
        """Labels of the tokens behind the tokenizer's own."""
        return SPECIALS[self.version]

    @property
    def ends(self) -> tuple[str, ...]:
        """Labels of the tokens that end a round, beside the end of text."""
        return tuple(label for label in self.specials if label in ("<|user|>", "<|observation|>"))

    @property
    def template(self) -> str:
        """The chat template, as Jinja."""
        return TEMPLATES[self.version]

    def tensors(self, name: str, tensor: Any) -> Iterator[tuple[str, Any]]:
        """TENSOR, called NAME there, as GLM has it: (name, tensor), three of them for a fused matrix.

        Cut by rows, and not put into another order: GLM rotates neighbouring pairs, too. Raises ModelError.
        """
        if name.endswith(REMADE):
            return
        found = LAYER.fullmatch(name)
        if name in WHOLE:
            yield WHOLE[name], tensor
        elif found and found["part"] in PARTS:
            yield f"model.layers.{found['layer']}.{PARTS[found['part']]}.{found['kind']}", tensor
        elif found and found["part"] == FUSED:
            for part, rows in self._attention(tensor):
                yield f"model.layers.{found['layer']}.self_attn.{part}.{found['kind']}", rows
        else:
            raise ModelError(f"the weights hold {name}, which no ChatGLM2, ChatGLM3 or GLM-4 has")

    def _attention(self, tensor: Any) -> Iterator[tuple[str, Any]]:
        size = self.glm["head_dim"]
        queries, keys = (self.glm[key] * size for key in ("num_attention_heads", "num_key_value_heads"))
        yield "q_proj", tensor[:queries]
        yield "k_proj", tensor[queries : queries + keys]
        yield "v_proj", tensor[queries + keys :]


def read_layout(folder: Path, config: Mapping[str, Any]) -> Layout | None:
    """What CONFIG, the content of FOLDER's config.json, describes; None for a model of another kind.

    A folder in transformers' layout counts when it was made from the authors' own: its tokenizer is theirs.
    Raises ModelError.
    """
    if VERSION_KEY in config:
        return Layout(config[VERSION_KEY], dict(config))
    if config.get("model_type") != "chatglm":
        return None
    if "padded_vocab_size" not in config:
        raise ModelError(
            f"{folder}: the first ChatGLM-6B, another architecture; take ChatGLM2, ChatGLM3 or GLM-4"
        )
    version = _version(folder, config)
    return Layout(version, _glm_values(folder, config, version))


def _glm_values(folder: Path, config: Mapping[str, Any], version: Version) -> dict[str, Any]:
    for key, value in EXPECTED.items():
        if bool(config.get(key, value)) is not value:
            raise ModelError(
                f"{folder}: {key} is {config[key]!r} in its config.json, which cannot be run here; take the "
                "chat model that its authors published, not quantized"
            )
    missing = [key for key in SIZES.values() if not isinstance(config.get(key), int)]
    if missing:
        raise ModelError(f"{folder}: its config.json does not say {', '.join(missing)}; fetch it again")
    heads = int(config["num_attention_heads"])
    shared = bool(config.get("multi_query_attention"))
    return {
        **{ours: int(config[theirs]) for ours, theirs in SIZES.items()},
        "num_key_value_heads": int(config["multi_query_group_num"]) if shared else heads,
        "rms_norm_eps": float(config.get("layernorm_epsilon", 1e-5)),
        "attention_bias": bool(config.get("add_qkv_bias")),
        "tie_word_embeddings": bool(config.get("tie_word_embeddings")),
        "pad_token_id": config.get("pad_token_id"),
        "eos_token_id": config.get("eos_token_id", 2),
        "dtype": str(config.get("torch_dtype") or "float16"),
        "rope_parameters": _rope(float(config.get("rope_ratio") or 1), version),
        VERSION_KEY: version,
    }


def _rope(ratio: float, version: Version) -> dict[str, Any]:
    """ChatGLM2-32K divides positions by its ratio; from ChatGLM3 on the ratio multiplies the base (the
    RotaryEmbedding of modeling_chatglm.py of each)."""
    rope = {"rope_type": "default", "rope_theta": BASE, "partial_rotary_factor": ROTATED}
    if version > 2:
        return {**rope, "rope_theta": BASE * ratio}
    return rope if ratio == 1 else {**rope, "rope_type": "linear", "factor": ratio}


def _version(folder: Path, config: Mapping[str, Any]) -> Version:
    """Told from the tokenizer's file, then from the roles that its code knows, then from names."""
    from yanray.chatglm.tokens import holds_ranks

    if holds_ranks(folder / "tokenizer.model"):
        return 4
    code = folder / "tokenization_chatglm.py"
    if code.is_file():  # read, never run
        return 3 if "<|user|>" in code.read_text(encoding="utf-8", errors="replace") else 2
    names = [str(config.get("_name_or_path", "")), folder.resolve().name]
    beside = folder / "tokenizer_config.json"
    if beside.is_file():
        names.append(str(json.loads(beside.read_text(encoding="utf-8")).get("name_or_path", "")))
    return 2 if any("chatglm2" in name.lower() for name in names) else 3
