"""KV states on disk: the prefix that every conversation begins with, and conversations that were left.

One file holds one state: a line of magic, the length of a JSON header, the header, the token ids, and the
state as llama.cpp writes it. The header says what the state was made with; CRC-32 over ids and state says
that it is whole. A file that does not match is never used. Files are written aside and renamed; the least
recently used go when the folder grows over its limit.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import time
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

MAGIC = b"yanray kv 1\n"
LENGTH = struct.Struct("<I")
SUFFIX = ".kv"
LEFT_OVER = 86400  # seconds after which a half-written file of a process that died is removed


class Untrusted(Exception):
    """The file is there but cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A state read back: the ids whose KV cache it is."""

    ids: list[int]
    state: bytearray


class StateFolder:
    """The states of one core in FOLDER. made_with: everything that a state depends on but its ids.

    limit: bytes that all states in the folder may take together.
    """

    def __init__(self, folder: Path, made_with: Mapping[str, str], limit: int) -> None:
        self.folder = folder
        self._made_with = dict(made_with)
        self._limit = limit

    def prefix_name(self, model: str, ids: Sequence[int]) -> str:
        """The name of the state of a prefix: it tells models and prompts apart, whatever they were made
        with."""
        digest = hashlib.sha256(model.encode() + b"\0" + array("i", ids).tobytes())
        return f"prefix-{digest.hexdigest()[:24]}"

    def path(self, name: str) -> Path:
        """Where the state NAME stands."""
        return self.folder / f"{name}{SUFFIX}"

    def load(self, name: str) -> Stored | None:
        """The state NAME, or None when there is none. Raises Untrusted when it may not be used."""
        path = self.path(name)
        try:
            with path.open("rb") as file:
                stored = self._open(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Untrusted(f"cannot be read ({error.strerror})") from None
        os.utime(path)
        return stored

    def save(self, name: str, ids: Sequence[int], state: bytearray) -> None:
        """Write a state, whole or not at all, then keep the folder within its limit. Raises OSError."""
        packed = array("i", ids).tobytes()
        header = {**self._made_with, "ids": len(packed), "state": len(state), "crc": _crc(packed, state)}
        text = json.dumps(header, sort_keys=True).encode()
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.folder / f"{name}.{os.getpid()}.tmp"
        try:
            with aside.open("wb") as file:
                for part in (MAGIC, LENGTH.pack(len(text)), text, packed, state):
                    file.write(part)
            aside.replace(self.path(name))
        finally:
            aside.unlink(missing_ok=True)
        self._prune(self.path(name))

    def forget(self, name: str) -> None:
        """Remove the state NAME, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def _open(self, file: BufferedReader) -> Stored:
        head = file.read(len(MAGIC) + LENGTH.size)
        if head[: len(MAGIC)] != MAGIC or len(head) < len(MAGIC) + LENGTH.size:
            raise Untrusted("is no saved state")
        left = os.fstat(file.fileno()).st_size - len(head)
        length = min(left, *LENGTH.unpack_from(head, len(MAGIC)))
        try:
            header = json.loads(file.read(length))
            ids_size, state_size, crc = (int(header.pop(key)) for key in ("ids", "state", "crc"))
        except (ValueError, KeyError, AttributeError, TypeError):
            raise Untrusted("has a damaged header") from None
        changed = [key for key in self._made_with if header.get(key) != self._made_with[key]]
        if changed:
            raise Untrusted(f"was made with another {', '.join(changed)}")
        if min(ids_size, state_size) < 0 or ids_size + state_size != left - length or ids_size % 4:
            raise Untrusted("is cut short or too long")
        packed, state = file.read(ids_size), bytearray(state_size)
        if file.readinto(state) != state_size:  # once, in place: states are large
            raise Untrusted("is cut short or too long")
        if _crc(packed, state) != crc:
            raise Untrusted("is damaged")
        ids = array("i")
        ids.frombytes(packed)
        return Stored(list(ids), state)

    def _prune(self, newest: Path) -> None:
        files = {path: path.stat() for path in self.folder.glob(f"*{SUFFIX}")}
        total = sum(stat.st_size for stat in files.values())
        for path in sorted(files, key=lambda path: files[path].st_mtime_ns):
            if total <= self._limit:
                break
            if path != newest:
                total -= files[path].st_size
                path.unlink(missing_ok=True)
        for path in self.folder.glob("*.tmp"):
            if time.time() - path.stat().st_mtime > LEFT_OVER:
                path.unlink(missing_ok=True)


def _crc(ids: bytes, state: bytearray) -> int:
    return zlib.crc32(state, zlib.crc32(ids))
