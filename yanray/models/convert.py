"""A folder of weights as a GGUF file, for Llama, Mistral and the ChatGLM family (see `convert_glm`): the same
numbers under llama.cpp's names.

Query and key rows of Llama are put into llama.cpp's rotary order, as LlamaModel.permute of its
convert_hf_to_gguf.py does. Does not cover other families: their GGUF files are published, or are made with
that program.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from yanray.errors import DataError, ModelError
from yanray.models.headers import read_header
from yanray.models.shape import Header
from yanray.models.tokenizers import add_tokenizer

LLAMA = ("llama", "mistral")
FAMILIES = (*LLAMA, "chatglm", "glm")


def convert(folder: Path, target: Path) -> None:
    """Write the model in FOLDER to TARGET, numbers as they are stored. Raises DataError or ModelError."""
    header = read_header(folder)
    if header.shape.family not in FAMILIES:
        raise ModelError(
            f"{folder}: a {header.shape.family} model; {', '.join(FAMILIES)} can be converted here, "
            "for others take a GGUF file of the model (yanray models lists some)"
        )
    if header.shape.family in LLAMA:
        _convert_llama(folder, target, header)
    else:
        from yanray.models.convert_glm import convert_glm

        convert_glm(folder, target, header)


def _convert_llama(folder: Path, target: Path, header: Header) -> None:
    import gguf

    writer = gguf.GGUFWriter(str(target), "llama")
    _add_sizes(writer, header)
    add_tokenizer(writer, folder, header.shape.vocabulary)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, header.shape.layers)
    for name, kind, data in safe_tensors(folder):
        if name.endswith("rotary_emb.inv_freq"):
            continue
        ours = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if ours is None:
            raise DataError(f"{folder}: holds {name}, which no Llama has; take a GGUF file of this model")
        add_array(writer, ours, kind, _rotated(ours, data, header))
    write(writer)


def write(writer: Any) -> None:
    """Write what WRITER was given, and close it."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_sizes(writer: Any, header: Header) -> None:
    import gguf

    shape, config = header.shape, header.metadata
    writer.add_name(header.name)
    writer.add_file_type(getattr(gguf.LlamaFileType, file_type(header.quantization)))
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_key_length(shape.key)
    writer.add_value_length(shape.value)
    writer.add_layer_norm_rms_eps(float(config.get("rms_norm_eps", 1e-6)))
    writer.add_rope_dimension_count(shape.key)
    writer.add_vocab_size(shape.vocabulary)
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    theta = float(config.get("rope_theta") or rope.get("rope_theta") or 10000.0)
    writer.add_rope_freq_base(theta)
    factors = _llama3_factors(rope, theta, shape.key)
    if factors is not None:
        writer.add_tensor("rope_freqs.weight", factors)


def _llama3_factors(rope: dict[str, Any], theta: float, size: int) -> Any:
    """What each rotary frequency is divided by in Llama 3.1 and later; None for models without (transformers,
    modeling_rope_utils.py, _compute_llama3_parameters)."""
    import numpy as np

    kind = rope.get("rope_type") or rope.get("type") or "default"
    if kind == "default":
        return None
    if kind != "llama3":
        raise ModelError(f"rope type {kind} cannot be converted here; take a GGUF file of this model")
    low, high = float(rope["low_freq_factor"]), float(rope["high_freq_factor"])
    factor, trained = float(rope["factor"]), float(rope["original_max_position_embeddings"])
    waves = 2 * np.pi * theta ** (np.arange(0, size, 2, dtype=np.float64) / size)
    smooth = np.clip((trained / waves - low) / (high - low), 0, 1)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


def safe_tensors(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """(name, number format, array) of each tensor; bfloat16 as its 16 bits."""
    import numpy as np
    from gguf.utility import SafetensorsLocal

    kinds = {"F32": np.float32, "F16": np.float16, "BF16": np.uint16}
    for path in sorted(folder.glob("*.safetensors")):
        for name, tensor in SafetensorsLocal(path).tensors.items():
            if tensor.dtype not in kinds:
                raise DataError(
                    f"{path}: {name} is kept in {tensor.dtype}; float32, float16 and bfloat16 are read"
                )
            yield name, tensor.dtype, tensor.mmap_bytes().view(kinds[tensor.dtype]).reshape(tensor.shape)


def add_array(writer: Any, name: str, kind: str, data: Any) -> None:
    """Vectors in float32, as llama.cpp wants them; matrices as they are."""
    import gguf
    import numpy as np

    if data.ndim == 1:
        wide = data.astype(np.uint32) << 16 if kind == "BF16" else data
        writer.add_tensor(name, wide.view(np.float32) if kind == "BF16" else wide.astype(np.float32))
    elif kind == "BF16":
        raw = gguf.GGMLQuantizationType.BF16
        writer.add_tensor(name, np.ascontiguousarray(data).view(np.uint8), raw_dtype=raw)
    else:
        writer.add_tensor(name, np.ascontiguousarray(data))


def _rotated(name: str, data: Any, header: Header) -> Any:
    """DATA with its rows in llama.cpp's rotary order, if it is a query or key matrix."""
    heads = {"attn_q": header.shape.heads, "attn_k": header.shape.kv_heads}.get(name.split(".")[-2], 0)
    if not heads or data.ndim != 2:
        return data
    return data.reshape(heads, 2, -1, data.shape[-1]).swapaxes(1, 2).reshape(data.shape)


def file_type(quantization: str) -> str:
    """gguf's name for a file whose matrices are kept in QUANTIZATION."""
    return {"f32": "ALL_F32", "bf16": "MOSTLY_BF16"}.get(quantization, "MOSTLY_F16")
