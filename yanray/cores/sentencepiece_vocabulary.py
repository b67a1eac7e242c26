"""ChatGLM2's and ChatGLM3's tokenizer, by the sentencepiece package: see `prompt.Tokenizer` and
`evaluator.Pieces`.

The roles stand behind SentencePiece's own tokens and are never read from a text that somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from yanray.chatglm.tokens import open_sentencepiece


class SentencePieceVocabulary:
    """Text to ids and back. specials: labels of the tokens behind SentencePiece's; ends: those that end a
    round, beside the end of text. size: rows of the embedding."""

    bos: tuple[int, ...] = ()

    def __init__(self, path: Path, specials: Sequence[str], ends: Iterable[str], size: int) -> None:
        self._pieces = open_sentencepiece(path)
        self.size = size
        self._own = int(self._pieces.get_piece_size())
        self._labels = {label: self._own + index for index, label in enumerate(specials)}
        self._split = re.compile("(" + "|".join(map(re.escape, specials)) + ")")
        self._ends = {int(self._pieces.eos_id()), *(self._labels[label] for label in ends)}
        self._newline = list(self._pieces.encode("\n"))
        self.starts_with_space = b"".join(map(self.piece, self._pieces.encode("x"))) == b" x"

    def encode(self, text: str, *, special: bool, glued: bool) -> list[int]:
        """See `prompt.Tokenizer`. A lone surrogate becomes `?`."""
        text = text.encode("utf-8", "replace").decode()
        ids: list[int] = []
        for part in self._split.split(text) if special else [text]:
            if special and part in self._labels:
                ids.append(self._labels[part])
            elif part:
                ids += self._plain(part, glued=glued and not ids)
        return ids

    def piece(self, token: int) -> bytes:
        """The bytes that TOKEN adds to the text; control tokens, and ids without a token, add none."""
        pieces = self._pieces
        if token >= self._own or pieces.is_control(token) or pieces.is_unknown(token):
            return b""
        label = str(pieces.id_to_piece(token))
        return bytes([int(label[3:5], 16)]) if pieces.is_byte(token) else label.replace("▁", " ").encode()

    def ends(self, token: int) -> bool:
        """Whether TOKEN ends a round."""
        return token in self._ends

    def is_special(self, token: int) -> bool:
        """Whether TOKEN is a role or another token that no text gives."""
        return token >= self._own or bool(self._pieces.is_control(token))

    def text(self, token: int) -> str:
        """The label of TOKEN."""
        if token < self._own:
            return str(self._pieces.id_to_piece(token))
        return next((label for label, known in self._labels.items() if known == token), "")

    def specials(self, text: str) -> list[str]:
        """The labels of the special tokens that TEXT gives when they are meant."""
        return [part for part in self._split.split(text) if part in self._labels]

    def mark(self, template: str) -> None:
        """See `HfVocabulary.mark`: here every border is a special token already."""

    def named(self) -> dict[str, str]:
        """`bos_token` and `eos_token`, as chat templates name them."""
        pieces = self._pieces
        bos, eos = pieces.id_to_piece([pieces.bos_id(), pieces.eos_id()])
        return {"bos_token": bos, "eos_token": eos}

    def _plain(self, text: str, *, glued: bool) -> list[int]:
        if not (glued and self.starts_with_space):
            return list(self._pieces.encode(text))
        # A newline joins with nothing: what is left of it is the tokenizer's own space.
        return list(self._pieces.encode("\n" + text))[len(self._newline) :]
