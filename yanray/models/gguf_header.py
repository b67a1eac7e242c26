"""The header of a GGUF file, from any source: metadata and tensor table, no weights.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian. The `gguf`
package knows the number formats; its reader maps local files only, hence this one.
"""

from __future__ import annotations

import struct
from math import prod
from typing import Any

from yanray.errors import DataError
from yanray.models.shape import Header, Shape, Tensor
from yanray.models.source import Cursor, Source

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, ARRAY = 8, 9
MOST_TENSORS, MOST_KEYS, LONGEST = 1 << 17, 1 << 14, 1 << 26  # beyond these it is damage, not a model
KEPT = 64  # elements of an array up to which its values are kept; the vocabulary is only counted


def read_gguf(source: Source) -> Header:
    """The header of the GGUF in SOURCE. Raises DataError when it is none, damaged, or cut short."""
    reader = _Reader(source)
    tensor_count, key_count = reader.start()
    metadata = dict(reader.pair() for _ in range(key_count))
    listed = [reader.tensor() for _ in range(tensor_count)]
    alignment = int(metadata.get("general.alignment", 32))
    begin = -(-reader.cursor.position // alignment) * alignment
    end = begin + max((offset + tensor.bytes for tensor, offset in listed), default=0)
    if end > source.size:
        raise DataError(f"{source.name}: cut short: {source.size} of at least {end} bytes; fetch it again")
    tensors = tuple(tensor for tensor, _ in listed)
    return Header(
        name=str(metadata.get("general.name") or source.name),
        kind="gguf",
        shape=_shape(metadata, tensors, source.name),
        tensors=tensors,
        quantization=_quantization(metadata, tensors),
        size=source.size,
        metadata=metadata,
    )


class _Reader:
    def __init__(self, source: Source) -> None:
        self.cursor = Cursor(source)
        self._name = source.name

    def start(self) -> tuple[int, int]:
        """(tensors, keys) as the first 24 bytes state them."""
        magic = self.cursor.take(4)
        if magic != b"GGUF":
            raise DataError(f"{self._name}: not a GGUF file (it begins with {magic!r}); name a .gguf file")
        version = self._scalar("I")
        if version not in (2, 3):
            why = "big-endian" if version in (2 << 24, 3 << 24) else f"of version {version}"
            raise DataError(f"{self._name}: a GGUF file {why}; versions 2 and 3, little-endian, can be read")
        tensors, keys = self._scalar("Q"), self._scalar("Q")
        if tensors > MOST_TENSORS or keys > MOST_KEYS:
            raise self._damaged(f"{tensors} tensors and {keys} keys")
        return tensors, keys

    def pair(self) -> tuple[str, Any]:
        """One key with its value."""
        key = self._string()
        return key, self._value(self._scalar("I"))

    def tensor(self) -> tuple[Tensor, int]:
        """One line of the tensor table, with the tensor's offset in the data."""
        name = self._string()
        rank = self._scalar("I")
        if rank > 4:
            raise self._damaged(f"a tensor of {rank} dimensions")
        sizes = tuple(self._scalar("Q") for _ in range(rank))
        kind, size = _stored(self._scalar("I"), prod(sizes), self._name)
        return Tensor(name, tuple(reversed(sizes)), kind, size), self._scalar("Q")

    def _value(self, code: int) -> Any:
        if code == STRING:
            return self._string()
        if code == ARRAY:
            return self._array()
        if code not in SCALARS:
            raise self._damaged(f"a value of type {code}")
        return self._scalar(SCALARS[code])

    def _array(self) -> Any:
        code, count = self._scalar("I"), self._scalar("Q")
        if count > LONGEST or code == ARRAY or (code != STRING and code not in SCALARS):
            raise self._damaged(f"an array of {count} values of type {code}")
        if code == STRING:
            strings = (self._string() for _ in range(count))
            return list(strings) if count <= KEPT else Counted(sum(1 for _ in strings))
        layout = f"<{count}{SCALARS[code]}"
        data = self.cursor.take(struct.calcsize(layout))
        return list(struct.unpack(layout, data)) if count <= KEPT else Counted(count)

    def _string(self) -> str:
        length = self._scalar("Q")
        if length > LONGEST:
            raise self._damaged(f"a string of {length} bytes")
        return self.cursor.take(length).decode("utf-8", "replace")

    def _scalar(self, letter: str) -> Any:
        layout = f"<{letter}"
        return struct.unpack(layout, self.cursor.take(struct.calcsize(layout)))[0]

    def _damaged(self, what: str) -> DataError:
        return DataError(f"{self._name}: damaged: its header claims {what}; fetch it again")


class Counted(int):
    """How many elements a long array had; they were read past."""


def _stored(code: int, count: int, source: str) -> tuple[str, int]:
    """(name, bytes) of COUNT numbers of ggml type CODE."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    try:
        kind = GGMLQuantizationType(code)
    except ValueError:
        raise DataError(f"{source}: damaged, or newer than Yanray: a tensor of type {code}") from None
    block, size = GGML_QUANT_SIZES[kind]
    return kind.name, count // block * size


def _shape(metadata: dict[str, Any], tensors: tuple[Tensor, ...], source: str) -> Shape:
    family = metadata.get("general.architecture")
    names = {tensor.name: tensor for tensor in tensors}

    def number(key: str, default: int | None = None) -> int:
        value = metadata.get(f"{family}.{key}", default)
        if isinstance(value, list):  # some architectures state a number for each layer
            value = max(value)
        if not isinstance(value, (int, float)):
            raise DataError(f"{source}: has no {family}.{key}; is it a whole language model?")
        return int(value)

    width, heads = number("embedding_length"), number("attention.head_count")
    head = width // max(1, heads)
    table = names.get("token_embd.weight")
    return Shape(
        family=str(family),
        layers=number("block_count"),
        width=width,
        inner=number("expert_feed_forward_length", number("feed_forward_length", 4 * width)),
        heads=heads,
        kv_heads=number("attention.head_count_kv", heads),
        key=number("attention.key_length", head),
        value=number("attention.value_length", head),
        vocabulary=table.shape[0] if table else number("vocab_size"),
        context=number("context_length"),
        gated=any("ffn_gate" in name for name in names),
        tied="output.weight" not in names,
        fused=any("attn_qkv" in name for name in names),
        experts=number("expert_count", 0),
        experts_used=number("expert_used_count", 0),
    )


def _quantization(metadata: dict[str, Any], tensors: tuple[Tensor, ...]) -> str:
    """As `general.file_type` says, else the format that most numbers are kept in."""
    from gguf.constants import LlamaFileType

    try:
        name = str(LlamaFileType(metadata["general.file_type"]).name)
        return name.removeprefix("MOSTLY_").removeprefix("ALL_").lower()
    except (KeyError, ValueError):
        counts: dict[str, int] = {}
        for tensor in tensors:
            counts[tensor.kind] = counts.get(tensor.kind, 0) + tensor.count
        return max(counts, key=lambda kind: counts[kind]).lower() if counts else "f32"
