"""The tokenizer inside a GGUF, through llama.cpp's own code."""

from __future__ import annotations

import ctypes
from typing import Any

from yanray.cores.llama import library

SPM = 1  # enum llama_vocab_type
USER_DEFINED = 1 << 4  # LLAMA_TOKEN_ATTR_USER_DEFINED
SPECIAL = 1 << 3 | USER_DEFINED  # and LLAMA_TOKEN_ATTR_CONTROL


class Vocabulary:
    """Text to ids and back."""

    def __init__(self, pointer: Any, metadata: dict[str, str]) -> None:
        self._lib = library()
        self.pointer = pointer
        self.size = int(self._lib.llama_vocab_n_tokens(pointer))
        spm = self._lib.llama_vocab_type(pointer) == SPM
        self.starts_with_space = spm and metadata.get("tokenizer.ggml.add_space_prefix", "true") == "true"
        self.bos = self._begin()
        self._template = ""
        self._markers: dict[int, bool] = {}  # of the tokens that were met
        self._pieces: dict[int, bytes] = {}

    def encode(self, text: str, *, special: bool, glued: bool) -> list[int]:
        """See `prompt.Tokenizer`. A lone surrogate becomes `?`."""
        if not text:
            return []
        if not (glued and self.starts_with_space):
            return self._tokenize(text.encode("utf-8", "replace"), special)
        # A newline joins with nothing: what is left of it is the library's own space.
        newline = self._tokenize(b"\n", special)
        return self._tokenize(b"\n" + text.encode("utf-8", "replace"), special)[len(newline) :]

    def piece(self, token: int) -> bytes:
        """The bytes that TOKEN adds to the text; control tokens add none."""
        found = self._pieces.get(token)
        if found is None:
            found = self._pieces[token] = self._piece(token, special=False)
        return found

    def ends(self, token: int) -> bool:
        """Whether TOKEN ends a round."""
        return bool(self._lib.llama_vocab_is_eog(self.pointer, token))

    def is_special(self, token: int) -> bool:
        """Whether TOKEN is a control token, ends a round, or is one of the template's markers."""
        return (
            bool(self._lib.llama_vocab_is_control(self.pointer, token))
            or self.ends(token)
            or self._is_marker(token)
        )

    def specials(self, text: str) -> list[str]:
        """The labels of the special tokens, user-defined ones too, that TEXT gives when they are meant."""
        tokens = self._tokenize(text.encode(), special=True)
        return [self.text(token) for token in tokens if self._attribute(token) & SPECIAL]

    def text(self, token: int) -> str:
        """The label of TOKEN; "" when there is none (id -1)."""
        return "" if token < 0 else self._piece(token, special=True).decode("utf-8", "replace")

    def mark(self, template: str) -> None:
        """Let no content contain a user-defined token that stands in TEMPLATE's own text: a border there."""
        self._template = template
        self._markers = {}

    def named(self) -> dict[str, str]:
        """`bos_token` and `eos_token`, as chat templates name them."""
        bos, eos = self._lib.llama_vocab_bos(self.pointer), self._lib.llama_vocab_eos(self.pointer)
        return {"bos_token": self.text(bos), "eos_token": self.text(eos)}

    def _begin(self) -> tuple[int, ...]:
        if not self._lib.llama_vocab_get_add_bos(self.pointer):
            return ()
        return (int(self._lib.llama_vocab_bos(self.pointer)),)

    def _is_marker(self, token: int) -> bool:
        """Looked up when the token is met: there may be 200,000, of which a conversation has few."""
        found = self._markers.get(token)
        if found is None:
            label = self.text(token) if self._attribute(token) & USER_DEFINED else ""
            found = self._markers[token] = bool(label.strip()) and label in self._template
        return found

    def _attribute(self, token: int) -> int:
        return int(self._lib.llama_vocab_get_attr(self.pointer, token))

    def _tokenize(self, data: bytes, special: bool) -> list[int]:
        room = len(data) + 8
        while True:
            buffer = (self._lib.llama_token * room)()
            count = self._lib.llama_tokenize(self.pointer, data, len(data), buffer, room, False, special)
            if count >= 0:
                return list(buffer[:count])
            room = -count

    def _piece(self, token: int, *, special: bool) -> bytes:
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            count = self._lib.llama_token_to_piece(self.pointer, token, buffer, room, 0, special)
            if count >= 0:
                return buffer.raw[:count]
            room = -count
