"""The models known by name: the shipped catalogue.yaml, and the owner's models.yaml over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yanray.errors import ConfigError, UsageError
from yanray.models.config_shape import shape_of, stored_kind
from yanray.models.headers import BYTES
from yanray.models.places import Reference, parse
from yanray.models.shape import Header, tensors_of
from yanray.paths import PACKAGE, home

SHIPPED = PACKAGE / "models" / "catalogue.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """A model known by name. files: format -> where it lies; config: the sizes in its config.json."""

    name: str
    title: str
    licence: str
    template: str
    tools: bool
    files: Mapping[str, Reference]
    config: Mapping[str, Any]

    @property
    def header(self) -> Header | None:
        """The header that its config makes, None without one; the files' own are read before a pull."""
        if not self.config:
            return None
        kind = stored_kind(self.config)
        shape = shape_of(self.config, f"{self.name} in the catalogue")
        tensors = tensors_of(shape, kind, BYTES[kind])
        return Header(self.name, "config", shape, tensors, kind.lower(), 0, dict(self.config))

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats in which it can be had and run: its GGUF files, and what torch makes of safetensors."""
        made = ("f16", "bf16", "int8", "nf4") if "safetensors" in self.files else ()
        return (*made, *(name for name in self.files if name != "safetensors"))


def catalogue() -> dict[str, Entry]:
    """Every entry by name. Raises ConfigError for a file that does not read."""
    own = home("config") / "models.yaml"
    found = _entries(SHIPPED)
    if own.is_file():
        found |= _entries(own)
    return found


def entry_named(text: str) -> tuple[Entry, str] | None:
    """The entry that TEXT names, as NAME or NAME:FORMAT, and the format or "". Raises UsageError."""
    name, _, wanted = text.partition(":")
    entry = catalogue().get(name)
    if entry is None:
        return None
    if wanted and wanted not in entry.files:
        raise UsageError(f"{name} has no {wanted}; there are: {', '.join(entry.files)}")
    return entry, wanted


def _entries(path: Path) -> dict[str, Entry]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return {name: _entry(name, fields) for name, fields in found.items()}
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: an entry does not read ({error!r}); see {SHIPPED} for its form") from None


def _entry(name: str, fields: Mapping[str, Any]) -> Entry:
    return Entry(
        name=name,
        title=str(fields.get("title", name)),
        licence=str(fields.get("licence", "not stated")),
        template=str(fields.get("template", "in the file")),
        tools=bool(fields.get("tools", False)),
        files={str(kind): _place(place) for kind, place in fields["files"].items()},
        config=fields.get("config") or {},
    )


def _place(place: str | Mapping[str, Any]) -> Reference:
    """A place, alone or with the SHA-256 it is held to."""
    text = place if isinstance(place, str) else str(place["from"])
    reference = parse(text)
    if reference is None:
        raise ValueError(f"{text}: write hf:owner/repo/file, ms:owner/repo/file or an URL")
    pinned = "" if isinstance(place, str) else str(place.get("sha256", ""))
    return replace(reference, sha256=pinned.lower() or reference.sha256)
