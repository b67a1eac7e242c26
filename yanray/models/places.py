"""Where model files come from: the Hugging Face Hub or a mirror of it, ModelScope, any web server.

A reference is `hf:owner/repo[/file]`, `ms:owner/repo[/file]`, or an http(s) URL, which may end in
`#sha256=...`.
Both hubs list a repository's files with size and SHA-256 by a plain GET, and send any of them by range.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, unquote, urlsplit

from yanray.errors import ModelError, UsageError
from yanray.models.source import is_url

Hub = Literal["hf", "ms", "url"]

TOKENS = {"hf": "HF_TOKEN", "ms": "MODELSCOPE_API_TOKEN"}
CHATGLM = "modeling_chatglm.py"  # which its authors' repositories hold
WANTED = (".gguf", ".safetensors", ".json", ".jinja", ".model", ".txt", ".tiktoken")


@dataclass(frozen=True, slots=True)
class Reference:
    """A place: the hub, the repository there (for `url`, the address), the file or "" for all of it."""

    hub: Hub
    repository: str
    file: str = ""
    sha256: str = ""

    def __str__(self) -> str:
        inside = f"/{self.file}" if self.file else ""
        return self.repository if self.hub == "url" else f"{self.hub}:{self.repository}{inside}"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file to fetch. size: bytes, 0 where it is not known; sha256: hex, "" where nobody states it."""

    path: str
    url: str
    size: int = 0
    sha256: str = ""


def parse(text: str) -> Reference | None:
    """The reference that TEXT is, or None when it is none. Raises UsageError for a half one."""
    if is_url(text):
        address, _, mark = text.partition("#sha256=")
        return Reference("url", address, file_name(address), mark.lower())
    for hub in ("hf", "ms"):
        if text.startswith(f"{hub}:"):
            owner, _, rest = text[3:].partition("/")
            repository, _, file = rest.partition("/")
            if not owner or not repository:
                raise UsageError(f"{text}: write {hub}:owner/repository or {hub}:owner/repository/file")
            return Reference("hf" if hub == "hf" else "ms", f"{owner}/{repository}", file)
    return None


def file_name(address: str) -> str:
    """The last part of an URL's path."""
    return unquote(urlsplit(address).path.rpartition("/")[2])


def endpoint(hub: Hub) -> str:
    """The hub's address: `HF_ENDPOINT` or `MODELSCOPE_ENDPOINT` where it is set, e.g. to a mirror."""
    variable, usual = {
        "hf": ("HF_ENDPOINT", "https://huggingface.co"),
        "ms": ("MODELSCOPE_ENDPOINT", "https://modelscope.cn"),
    }[hub]
    return (os.environ.get(variable) or usual).rstrip("/")


def credentials(hub: Hub) -> dict[str, str]:
    """The header that carries the owner's token; it is read from the environment and nowhere else."""
    token = os.environ.get(TOKENS.get(hub, ""), "")
    return {"authorization": f"Bearer {token}"} if token else {}


def file_url(reference: Reference, file: str) -> str:
    """The address of FILE in REFERENCE's repository."""
    if reference.hub == "url":
        return reference.repository
    branch = "main" if reference.hub == "hf" else "master"
    middle = "" if reference.hub == "hf" else "models/"
    return f"{endpoint(reference.hub)}/{middle}{reference.repository}/resolve/{branch}/{quote(file)}"


def files_of(reference: Reference) -> list[RemoteFile]:
    """The files that REFERENCE names, as its server lists them. Raises ModelError when there is none."""
    if reference.hub == "url":
        return [RemoteFile(reference.file, reference.repository, 0, reference.sha256)]
    listed = _hugging_face(reference) if reference.hub == "hf" else _model_scope(reference)
    if reference.file:
        found = [file for file in listed if file.path == reference.file]
    else:
        found = _model_files(listed, reference)
    if not found:
        names = ", ".join(file.path for file in listed if file.path.endswith((".gguf", ".safetensors")))
        raise ModelError(f"{reference}: no such file; the models there are: {names or 'none'}")
    return found


def _model_files(listed: list[RemoteFile], reference: Reference) -> list[RemoteFile]:
    """A whole repository: its safetensors with what belongs to them, or its only GGUF file.

    Of ChatGLM's, some of which never had safetensors, the pickles: the ones that are read here, with care.
    """
    paths = {file.path for file in listed}
    pickled = CHATGLM in paths and not any(path.endswith(".safetensors") for path in paths)
    wanted = (*WANTED, ".bin") if pickled else WANTED
    top = [file for file in listed if "/" not in file.path and file.path.endswith(wanted)]
    ggufs = [file for file in top if file.path.endswith(".gguf")]
    if len(ggufs) > 1:
        names = ", ".join(file.path for file in ggufs)
        raise ModelError(f"{reference}: holds several models; add the file's name: {names}")
    return ggufs or [file for file in top if not file.path.endswith(".gguf")]


def _hugging_face(reference: Reference) -> list[RemoteFile]:
    """https://huggingface.co/docs/hub/api: a file kept by LFS states its SHA-256 as `lfs.oid`."""
    address = f"{endpoint('hf')}/api/models/{reference.repository}/tree/main?recursive=true"
    entries = _listing(address, reference)
    return [
        RemoteFile(
            str(entry["path"]),
            file_url(reference, str(entry["path"])),
            int(entry.get("size", 0)),
            str((entry.get("lfs") or {}).get("oid", "")).removeprefix("sha256:"),
        )
        for entry in entries
        if entry.get("type") == "file"
    ]


def _model_scope(reference: Reference) -> list[RemoteFile]:
    """ModelScope's file API, as its own client (modelscope/hub/api.py, get_model_files) uses it."""
    query = "Revision=master&Recursive=true"
    address = f"{endpoint('ms')}/api/v1/models/{reference.repository}/repo/files?{query}"
    entries = _listing(address, reference)
    return [
        RemoteFile(
            str(entry["Path"]),
            file_url(reference, str(entry["Path"])),
            int(entry.get("Size", 0)),
            str(entry.get("Sha256") or ""),
        )
        for entry in entries
        if entry.get("Type") != "tree"
    ]


def _listing(address: str, reference: Reference) -> list[dict[str, Any]]:
    from yanray.models.web import get_json, open_client

    with open_client(credentials(reference.hub)) as client:
        answer = get_json(client, address)
    try:
        entries = answer if isinstance(answer, list) else answer["Data"]["Files"]  # type: ignore[index]
        return [dict(entry) for entry in entries]
    except (KeyError, TypeError, ValueError):
        raise ModelError(f"{address}: not a listing of files; is the address of the hub right?") from None
