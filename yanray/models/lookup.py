"""From what a user calls a model to its header: a path, an URL, a place on a hub, a name."""

from __future__ import annotations

from pathlib import Path

from yanray.errors import ModelError
from yanray.models.catalogue import catalogue, entry_named
from yanray.models.headers import read_header, read_repository
from yanray.models.places import Reference, credentials, file_url, files_of, parse
from yanray.models.shape import Header
from yanray.models.shelf import find, pulled


def header_of(text: str) -> Header:
    """The header of the model that TEXT means. Raises ModelError or DataError when there is none.

    A file's own header is read, over the network too; a name of the catalogue answers from its config.
    """
    path = Path(text).expanduser()
    if path.exists():
        return read_header(path)
    reference = parse(text)
    if reference is not None:
        return header_at(reference)
    on_shelf = find(text)
    if on_shelf:
        return read_header(on_shelf[0].path)
    named = entry_named(text)
    if named is None:
        names = ", ".join([*catalogue(), *(model.name for model in pulled())])
        raise ModelError(f"{text}: no such file and no model of that name; there are: {names}")
    entry, wanted = named
    stated = None if wanted else entry.header
    return stated or header_at(entry.files[wanted or next(iter(entry.files))])


def header_at(reference: Reference) -> Header:
    """The header of the model at REFERENCE, read by range; nothing else of it is fetched."""
    headers = credentials(reference.hub)
    if reference.file:
        return read_header(file_url(reference, reference.file), headers)
    files = files_of(reference)
    if len(files) == 1:
        return read_header(files[0].url, headers)
    names = [file.path for file in files]
    shards = [name for name in names if name.endswith(".safetensors") and "adapter" not in name]
    base = file_url(reference, "")
    if shards and "config.json" in names:
        return read_repository(base, shards, headers)
    return read_header(file_url(reference, "config.json"), headers)
