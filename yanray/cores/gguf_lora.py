"""LoRA adapters in llama.cpp: PEFT's written as its own format, checked, loaded, swapped.

llama.cpp ends the process at the first evaluation when an adapter that did not load is used, so every pointer
is looked at. Its converter's rules: an architecture that rotates neighbouring pairs, made of a model that
rotates halves, has the rows of queries and keys in another order (convert_hf_to_gguf.py, permute). Only
architectures whose order is known here are taken.
"""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from yanray.cores.base import Lora
from yanray.cores.gguf_model import GgufModel
from yanray.cores.gguf_tensors import Tensors
from yanray.cores.llama import library, listening, reason
from yanray.cores.lora import Pair, check_norm, join, misfit, read_pairs, split
from yanray.errors import ModelError

REORDERED = {"llama"}
AS_THEY_ARE = {"chatglm", "gemma", "gemma2", "gemma3", "glm4", "gpt2", "phi3", "qwen2", "qwen3"}
PARTS = ("attn_q", "attn_k", "attn_v")


class GgufLora:
    """The adapters of MODEL in the context at POINTER, none at first. What was loaded stays in memory."""

    def __init__(self, model: GgufModel, pointer: Any) -> None:
        self._lib = library()
        self._model = model
        self._context = pointer
        self._base: Base | None = None
        self._held: dict[Lora, Any] = {}

    def apply(self, adapters: Sequence[Lora]) -> None:
        """Add ADAPTERS, at their scales, in place of those before. Raises ModelError, and nothing changed."""
        pointers = [self._loaded(lora.at(1.0)) for lora in adapters]
        count = len(pointers)
        kind = self._lib.llama_adapter_lora_p_ctypes * max(1, count)
        scales = (ctypes.c_float * max(1, count))(*(lora.scale for lora in adapters))
        if self._lib.llama_set_adapters_lora(self._context, kind(*pointers), count, scales):
            raise ModelError(f"{self._model.path}: llama.cpp refused {[lora.name for lora in adapters]}")

    def close(self) -> None:
        """Free the adapters; the model is still there."""
        for pointer in self._held.values():
            self._lib.llama_adapter_lora_free(pointer)
        self._held.clear()

    def _loaded(self, lora: Lora) -> Any:
        if lora not in self._held:
            self._held[lora] = self._load(lora)
        return self._held[lora]

    def _load(self, lora: Lora) -> Any:
        base = self._base = self._base or Base(self._model)
        check_norm(lora, base.norm, self._model.path.name)
        pairs = base.pairs(lora)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "adapter.gguf"
            write_adapter(path, base.architecture, pairs)
            with listening() as said:
                pointer = self._lib.llama_adapter_lora_init(self._model.pointer, str(path).encode())
        if not pointer:  # a null pointer is not None
            raise misfit(lora, self._model.path.name, reason(said, "llama.cpp does not say why"))
        return pointer


class Base:
    """What converting an adapter needs to know of a GGUF.

    Raises ModelError for an architecture whose order of rows is not known.
    """

    def __init__(self, model: GgufModel) -> None:
        import gguf

        self._name = model.path.name
        self.architecture = arch = model.metadata.get("general.architecture", "")
        if arch not in REORDERED | AS_THEY_ARE:
            raise ModelError(
                f"{model.path}: adapters cannot be put on {arch} in a GGUF; take the model as a folder of "
                "safetensors"
            )
        tensors = Tensors(model.path)
        self._shapes = tensors.shapes
        self._rows = {name: shape[-1] for name, shape in tensors.shapes.items()}
        self.norm = tensors.vector("output_norm.weight")
        kinds = {name: kind for kind, name in gguf.MODEL_ARCH_NAMES.items()}
        self._names = gguf.get_tensor_name_map(kinds[arch], int(model.metadata[f"{arch}.block_count"]))
        heads = int(model.metadata[f"{arch}.attention.head_count"])
        groups = int(model.metadata.get(f"{arch}.attention.head_count_kv", heads))
        self._heads = {"attn_q": heads, "attn_k": groups} if arch in REORDERED else {}

    def pairs(self, lora: Lora) -> dict[str, Pair]:
        """Tensor's name in the GGUF, without `.weight` -> the pair of LORA for it. Raises ModelError."""
        found: dict[str, Pair] = {}
        for layer, pair in read_pairs(lora).items():
            name = self._names.get_name(layer)
            if name is None:
                raise misfit(lora, self._name, f"there is no layer {layer}")
            found[name] = pair
        found = dict(self._fitted(found))
        for name, pair in found.items():
            shape = self._shapes.get(f"{name}.weight")
            ours = (pair.a.shape[1], pair.b.shape[0])
            if shape != ours:
                raise misfit(lora, self._name, f"{name} is {shape or 'not there'}, not {ours}")
        return found

    def _fitted(self, pairs: Mapping[str, Pair]) -> Iterator[tuple[str, Pair]]:
        """PAIRS for queries, keys and values as the file keeps them: apart or in one matrix, in its order."""
        for name, pair in pairs.items():
            block, _, part = name.rpartition(".")
            names = [f"{block}.{each}" for each in PARTS]
            rows = [self._rows.get(f"{each}.weight", 0) for each in names]
            whole = f"{block}.attn_qkv"
            if part == "attn_qkv" and all(rows) and sum(rows) == len(pair.b):
                yield from zip(names, split(pair, rows), strict=True)
            elif part in PARTS and f"{whole}.weight" in self._rows:
                yield whole, self._joined(whole, [pairs.get(each) for each in names])
            else:
                yield name, Pair(pair.a, self._ordered(part, pair.b))

    def _joined(self, whole: str, parts: Sequence[Pair | None]) -> Pair:
        rows = self._rows[f"{whole}.weight"]
        inner = self._shapes[f"{whole}.weight"][0]
        known = [0 if part is None else len(part.b) for part in parts]
        queries = known[0] or (rows - 2 * max(known[1:]) if rows else inner)
        values = (rows - queries) // 2
        return join(parts, (queries, values, values))

    def _ordered(self, part: str, b: Any) -> Any:
        """The rows of B in the converter's order: the halves of each head become neighbours."""
        heads = self._heads.get(part, 0)
        if not heads or len(b) % (2 * heads):
            return b
        return b.reshape(heads, 2, -1, b.shape[1]).swapaxes(1, 2).reshape(b.shape)


def write_adapter(path: Path, architecture: str, pairs: Mapping[str, Pair]) -> None:
    """Write PAIRS as llama.cpp's adapter. With alpha 0 it multiplies by the user's scale alone."""
    import gguf

    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 0.0)
    for name, pair in pairs.items():
        writer.add_tensor(f"{name}.weight.lora_a", np.ascontiguousarray(pair.a, np.float32))
        writer.add_tensor(f"{name}.weight.lora_b", np.ascontiguousarray(pair.b, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
