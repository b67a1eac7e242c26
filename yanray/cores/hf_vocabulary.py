"""The tokenizer of a transformers checkpoint: see `prompt.Tokenizer` and `evaluator.Pieces`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

# Tokens that end a round whatever the checkpoint's files say (llama.cpp, llama-vocab.cpp, does the same).
ENDS = "<|eot_id|> <|eom_id|> <|im_end|> <|end|> <end_of_turn> <|endoftext|> <|end_of_text|>".split()


class HfVocabulary:
    """Text to ids and back. ends: ids that end a round by the model's own account.

    `markers` are the added tokens, not special ones, that the chat template uses as borders.
    """

    def __init__(self, tokenizer: Any, size: int, ends: Iterable[int]) -> None:
        self._tokenizer = tokenizer
        self.size = size
        self._added = {int(token): added for token, added in tokenizer.added_tokens_decoder.items()}
        labels = {added.content: token for token, added in self._added.items()}
        self._ends = {*ends, *(labels[label] for label in ENDS if label in labels)}
        self._control = {token for token, added in self._added.items() if added.special} | self._ends
        self._letters = _byte_letters() if _speaks_bytes(tokenizer) else None
        self._pieces: dict[int, bytes] = {}
        self.markers: frozenset[int] = frozenset()
        self.starts_with_space = b"".join(map(self.piece, self._ids("x", special=False))) == b" x"
        whole = list(tokenizer("x").input_ids)
        bare = self._ids("x", special=True)
        at = next((n for n in range(len(whole)) if whole[n : n + len(bare)] == bare), 0)
        self.bos = tuple(whole[:at])

    def encode(self, text: str, *, special: bool, glued: bool) -> list[int]:
        """See `prompt.Tokenizer`. A lone surrogate becomes `?`."""
        if not text:
            return []
        text = text.encode("utf-8", "replace").decode()
        if not (glued and self.starts_with_space):
            return self._ids(text, special=special)
        # A newline joins with nothing: what is left of it is the tokenizer's own space.
        newline = self._ids("\n", special=special)
        return self._ids("\n" + text, special=special)[len(newline) :]

    def piece(self, token: int) -> bytes:
        """The bytes that TOKEN adds to the text; control tokens, and ids without a token, add none."""
        found = self._pieces.get(token)
        if found is None:
            found = self._pieces[token] = self._piece(token)
        return found

    def ends(self, token: int) -> bool:
        """Whether TOKEN ends a round."""
        return token in self._ends

    def is_special(self, token: int) -> bool:
        """Whether TOKEN is a control token, ends a round, or is one of the template's markers."""
        return token in self._control or token in self.markers

    def text(self, token: int) -> str:
        """The label of TOKEN."""
        return str(self._tokenizer.convert_ids_to_tokens(token) or "")

    def specials(self, text: str) -> list[str]:
        """The labels of the special tokens, user-defined ones too, that TEXT gives when they are meant."""
        return [self.text(token) for token in self._ids(text, special=True) if token in self._added]

    def mark(self, template: str) -> None:
        """Let no content contain an added token that stands in TEMPLATE's own text."""
        self.markers = frozenset(
            token
            for token, added in self._added.items()
            if not added.special and added.content.strip() and added.content in template
        )

    def named(self) -> dict[str, str]:
        """`bos_token` and `eos_token`, as chat templates name them."""
        tokenizer = self._tokenizer
        return {"bos_token": tokenizer.bos_token or "", "eos_token": tokenizer.eos_token or ""}

    def _ids(self, text: str, *, special: bool) -> list[int]:
        # verbose: it would warn of texts that are longer than the context, which are cut elsewhere.
        options = {"add_special_tokens": False, "split_special_tokens": not special, "verbose": False}
        found = self._tokenizer(text, **options)
        return list(found.input_ids)

    def _piece(self, token: int) -> bytes:
        if token in self._control:
            return b""
        if token in self._added:
            return str(self._added[token].content).encode()
        label = self.text(token)
        if self._letters is not None:
            return bytes(self._letters[letter] for letter in label if letter in self._letters)
        if len(label) == 6 and label.startswith("<0x"):
            return bytes([int(label[3:5], 16)])
        return label.replace("▁", " ").encode()


def _speaks_bytes(tokenizer: Any) -> bool:
    """Whether its tokens are spelled in GPT-2's letters, one for each byte; else they are text with `▁`."""
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    return "ByteLevel" in json.dumps([state.get("decoder"), state.get("pre_tokenizer")])


def _byte_letters() -> dict[str, int]:
    """GPT-2's printable letter for each byte, the other way round (openai/gpt-2, encoder.py)."""
    shown = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return {chr(byte) if byte in shown else chr(next(spare)): byte for byte in range(256)}
