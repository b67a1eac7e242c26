"""What a pull would fetch, and fetching it.

`plan` asks the server and reads the model's header by range; nothing is downloaded before its answer is
looked at. One downloader serves the Hub, its mirrors, ModelScope and plain servers: all three send files
over HTTP by range.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yanray.errors import ModelError, UsageError
from yanray.models.catalogue import Entry, catalogue, entry_named
from yanray.models.download import download
from yanray.models.fit import Row, choose, rows_for
from yanray.models.headers import read_header
from yanray.models.lookup import header_at
from yanray.models.machine import Machine
from yanray.models.places import Reference, RemoteFile, credentials, files_of, parse
from yanray.models.progress import PATIENT, Patience, Tell
from yanray.models.shape import Header
from yanray.models.shelf import shelf_folder

SPARE = 256 << 20  # bytes of disk that a pull leaves free


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be fetched: FILES of REFERENCE into FOLDER."""

    reference: Reference
    files: tuple[RemoteFile, ...]
    folder: Path
    header: Header

    @property
    def bytes(self) -> int:
        """Bytes of all files, as far as they are known."""
        return sum(file.size for file in self.files)

    @property
    def missing(self) -> int:
        """Bytes that are still to be fetched."""
        return sum(max(0, file.size - _present(self.folder / file.path)) for file in self.files)


def plan(text: str, machine: Callable[[], Machine]) -> Plan:
    """The pull that TEXT asks for: NAME, NAME:FORMAT, or a place. Raises UsageError or ModelError.

    machine: asked when NAME comes in several formats, to take the one that suits it.
    """
    reference, group = _reference(text, machine)
    files = files_of(reference)
    header = header_at(reference)
    if reference.hub == "url":
        files = [RemoteFile(files[0].path, files[0].url, header.size, reference.sha256)]
    elif reference.sha256:
        files = [RemoteFile(file.path, file.url, file.size, reference.sha256) for file in files]
    if not files[0].path:
        raise UsageError(f"{text}: names no file; add the file's name")
    return Plan(reference, tuple(files), shelf_folder() / group, header)


def check_disk(wanted: Plan) -> None:
    """Raise ModelError unless the disk has room for what is missing."""
    existing = next(path for path in (wanted.folder, *wanted.folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if wanted.missing + SPARE > free:
        raise ModelError(
            f"{existing}: {free / 1e9:.1f} GB free, and {wanted.missing / 1e9:.1f} GB would be fetched; make "
            "room (yanray models shows what each model takes) or set YANRAY_HOME to a larger disk"
        )


def best_row(wanted: Plan, machine: Machine, context: int = 0) -> Row | None:
    """How the model fits MACHINE at best, as it is stored; None when it does not."""
    rows = rows_for(wanted.header, machine, context=context)
    return choose(rows) or next((row for row in rows if row.fits == "partly"), None)


def fetch(wanted: Plan, tell: Tell, patience: Patience = PATIENT) -> Path:
    """Fetch all that is missing; the model's file, or its folder. Raises ModelError."""
    headers = credentials(wanted.reference.hub)
    for file in wanted.files:
        download(file, _inside(wanted.folder, file.path), tell, headers=headers, patience=patience)
    model = wanted.folder / Path(wanted.files[0].path).name if len(wanted.files) == 1 else wanted.folder
    read_header(model)
    return model


def _reference(text: str, machine: Callable[[], Machine]) -> tuple[Reference, str]:
    """(place, name of the folder) that TEXT means."""
    reference = parse(text)
    if reference is not None:
        name = reference.repository.rpartition("/")[2] if reference.hub != "url" else ""
        return reference, name or Path(reference.file).stem
    named = entry_named(text)
    if named is None:
        names = ", ".join(catalogue())
        raise UsageError(
            f"{text}: not in the catalogue; write hf:owner/repo/file, an URL, or one of: {names}"
        )
    entry, wanted = named
    return entry.files[wanted or _suitable(entry, machine)], entry.name


def _suitable(entry: Entry, machine: Callable[[], Machine]) -> str:
    """The format of ENTRY's files that suits the machine; its smallest GGUF where none does."""
    ggufs = [name for name in entry.files if name != "safetensors"]
    header = entry.header
    if len(ggufs) < 2 or header is None:
        return (ggufs or ["safetensors"])[0]
    here = machine()
    rows = [row for row in rows_for(header, here, context=4096) if row.quantization in ggufs]
    chosen = choose(rows)
    return chosen.quantization if chosen else min(rows, key=lambda row: row.weights_bytes).quantization


def _present(target: Path) -> int:
    """Bytes of TARGET that are on the disk, finished or begun."""
    for path in (target, target.with_name(f"{target.name}.part")):
        if path.is_file():
            return path.stat().st_size
    return 0


def _inside(folder: Path, name: str) -> Path:
    """FOLDER/NAME, which must not lead out of FOLDER: a listing is not to be trusted."""
    target = folder / name
    if ".." in Path(name).parts or Path(name).is_absolute():
        raise ModelError(f"{name}: the listing names a file outside of its own folder; it is not fetched")
    return target
