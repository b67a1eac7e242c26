"""The ChatGLM family as a GGUF file: ChatGLM2, ChatGLM3 and GLM-4 in their authors' own layout, GLM in
transformers'.

llama.cpp's graph `chatglm` with query, key and value apart, so that an adapter for one of them has its place.
The tokens `sop` and `eop` are kept under labels that ordinary text cannot be merged to: llama.cpp would read
"people" as p, eop, le. Not covered: weights in numbers that are quantized already.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yanray.chatglm.layout import Layout, read_layout
from yanray.errors import DataError, ModelError
from yanray.models.convert import add_array, file_type, safe_tensors, write
from yanray.models.shape import Header
from yanray.models.tokenizers import add_chatglm_tokenizer, add_tokenizer

NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_up_proj": "ffn_up",  # gate above, as llama.cpp has it
    "mlp.down_proj": "ffn_down",
}


def convert_glm(folder: Path, target: Path, header: Header) -> None:
    """Write the model in FOLDER, described by HEADER, to TARGET. Raises DataError or ModelError."""
    import gguf

    layout = read_layout(folder, header.metadata)
    values = layout.glm if layout else header.metadata
    writer = gguf.GGUFWriter(str(target), "chatglm")
    writer.add_name(header.name)
    writer.add_file_type(getattr(gguf.LlamaFileType, file_type(header.quantization)))
    _add_sizes(writer, values, folder)
    rows = int(values["vocab_size"])
    if layout is None:
        add_tokenizer(writer, folder, rows)
        writer.add_add_bos_token(False)  # the template writes what a prompt begins with
    else:
        add_chatglm_tokenizer(writer, folder / "tokenizer.model", layout, rows)
    for name, kind, data in _tensors(folder, layout, header):
        add_array(writer, _named(name, folder), kind, data)
    write(writer)


def _add_sizes(writer: Any, values: dict[str, Any], folder: Path) -> None:
    writer.add_context_length(values["max_position_embeddings"])
    writer.add_embedding_length(values["hidden_size"])
    writer.add_block_count(values["num_hidden_layers"])
    writer.add_feed_forward_length(values["intermediate_size"])
    writer.add_head_count(values["num_attention_heads"])
    writer.add_head_count_kv(values["num_key_value_heads"])
    writer.add_key_length(values["head_dim"])
    writer.add_value_length(values["head_dim"])
    writer.add_layer_norm_rms_eps(float(values["rms_norm_eps"]))
    writer.add_vocab_size(values["vocab_size"])
    rope = values.get("rope_parameters") or values  # older folders keep its values at the top
    rotated = float(rope.get("partial_rotary_factor", values.get("partial_rotary_factor", 0.5)))
    writer.add_rope_dimension_count(round(values["head_dim"] * rotated))
    writer.add_rope_freq_base(float(rope.get("rope_theta", 10000.0)))
    kind = rope.get("rope_type", "default")
    if kind == "linear":
        import gguf

        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(rope["factor"]))
    elif kind != "default":
        raise ModelError(f"{folder}: rope type {kind} cannot be converted here; take a GGUF of this model")


def _tensors(folder: Path, layout: Layout | None, header: Header) -> Iterator[tuple[str, str, Any]]:
    """(name in GLM, number format, array) of each tensor."""
    if layout is None or header.metadata.get("model_type") != "chatglm":
        yield from safe_tensors(folder)
        return
    if header.kind == "config":
        from yanray.models.quantize_pickles import pickled_tensors

        stored = pickled_tensors(folder)
    else:
        stored = safe_tensors(folder)
    for name, kind, data in stored:
        yield from ((ours, kind, rows) for ours, rows in layout.tensors(name, data))


def _named(name: str, folder: Path) -> str:
    """llama.cpp's name for GLM's NAME. Raises DataError."""
    stem, _, kind = name.rpartition(".")
    if stem.startswith("model.layers."):
        layer, _, part = stem.removeprefix("model.layers.").partition(".")
        ours = f"blk.{layer}.{NAMES[part]}" if part in NAMES else ""
    else:
        ours = NAMES.get(stem, "")
    if not ours:
        raise DataError(f"{folder}: holds {name}, which no GLM has; take a GGUF file of this model")
    return f"{ours}.{kind}"
