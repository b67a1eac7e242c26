"""Reading what a model is from where it lies: a GGUF file, a safetensors file or folder, a config.json.

WHERE is a path or an http(s) URL; over HTTP only the header's bytes are fetched. Nothing is told from a name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yanray.errors import DataError
from yanray.models.config_shape import shape_of, stored_kind
from yanray.models.gguf_header import read_gguf
from yanray.models.safetensors_header import read_safetensors
from yanray.models.shape import Header, Tensor, tensors_of
from yanray.models.source import Opened, Source, is_url

BYTES = {"F32": 4, "F16": 2, "BF16": 2}
LARGEST_JSON = 32 << 20  # bytes


def read_header(where: str | Path, headers: dict[str, str] | None = None) -> Header:
    """The header at WHERE. headers: sent along over HTTP. Raises DataError or ModelError."""
    if not is_url(str(where)) and Path(where).is_dir():
        return _folder(str(where), [path.name for path in sorted(Path(where).iterdir())], headers)
    with Opened(where, headers) as source:
        start = source.read(0, min(8, source.size))
        if start[:4] == b"GGUF":
            return read_gguf(source)
        if start[:1] == b"{":
            return _config_alone(_json(source), source.name)
        if len(start) == 8 and 2 <= int.from_bytes(start, "little") < source.size:
            tensors, _ = read_safetensors(source)
            return _with_config(str(where), tensors, source.size, headers)
    raise DataError(f"{where}: begins with {start!r}: neither GGUF nor safetensors nor a config.json")


def _folder(base: str, names: list[str], headers: dict[str, str] | None) -> Header:
    """The model in a local folder or, with an URL as BASE, in a repository that holds the files NAMES."""
    guf = [name for name in names if name.endswith(".gguf")]
    if len(guf) == 1:
        return read_header(_join(base, guf[0]), headers)
    shards = [name for name in names if name.endswith(".safetensors") and "adapter" not in name]
    if "config.json" not in names:
        kinds = ", ".join(guf) or "neither config.json nor a .gguf file"
        raise DataError(f"{base}: holds {kinds}; name one file")
    if not shards:
        return read_header(_join(base, "config.json"), headers)
    return read_repository(base, shards, headers)


def read_repository(base: str, shards: list[str], headers: dict[str, str] | None = None) -> Header:
    """The model whose config.json and safetensors files SHARDS lie below BASE, a folder or an URL."""
    tensors: list[Tensor] = []
    size = 0
    for name in shards:
        with Opened(_join(base, name), headers) as source:
            tensors.extend(read_safetensors(source)[0])
            size += source.size
    return _with_config(_join(base, shards[0]), tuple(tensors), size, headers)


def _json(source: Source) -> dict[str, Any]:
    """The JSON object in SOURCE. Raises DataError."""
    try:
        found = json.loads(source.read(0, min(source.size, LARGEST_JSON)))
    except ValueError as error:
        raise DataError(f"{source.name}: not JSON: {error}; fetch it again") from None
    if not isinstance(found, dict):
        raise DataError(f"{source.name}: holds a JSON {type(found).__name__}, not an object")
    return found


def _config_alone(config: Mapping[str, Any], source: str) -> Header:
    shape, kind = shape_of(config, source), stored_kind(config)
    tensors = tensors_of(shape, kind, BYTES[kind])
    return Header(_named(config, source), "config", shape, tensors, kind.lower(), 0, dict(config))


def _with_config(
    where: str, tensors: tuple[Tensor, ...], size: int, headers: dict[str, str] | None
) -> Header:
    """TENSORS of the file WHERE with the sizes from the config.json beside it."""
    beside = _join(where.rpartition("/")[0] or ".", "config.json")
    with Opened(beside, headers) as source:
        config = _json(source)
    matrices = {tensor.kind: tensor.count for tensor in sorted(tensors, key=lambda t: t.count)}
    kind = max(matrices, key=lambda name: matrices[name], default="F16")
    return Header(
        _named(config, where), "safetensors", shape_of(config, beside), tensors, kind.lower(), size, config
    )


def _named(config: Mapping[str, Any], source: str) -> str:
    """What config.json calls itself, else the folder it lies in; shown to people, never reckoned with."""
    parts = source.replace("\\", "/").split("/")
    return str(config.get("_name_or_path") or (parts[-2] if len(parts) > 1 else parts[-1]))


def _join(base: str, name: str) -> str:
    return f"{base.rstrip('/')}/{name}"
