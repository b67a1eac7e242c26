"""A served model's prompt as token ids, from its tokenizer and template here.

A server that takes ids in `/completions` (vLLM, llama.cpp's llama-server) then has in its prefix cache all
that was read before, and nobody can forge a role in its template. vLLM also says which ids it generated
(`return_token_ids`, vllm-project/vllm#22587): these are spliced in as they are; without them its words are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from yanray.cores.local import heads, identify
from yanray.cores.prompt import PromptEncoder
from yanray.cores.spoken import Spoken
from yanray.cores.template import ChatTemplate
from yanray.errors import ModelError
from yanray.messages import Message


class IdPrompts:
    """Prompts for the model whose tokenizer is at PATH: a GGUF file, or a folder with its config.json.

    server: what tells the served model from others. Raises ModelError.
    """

    def __init__(self, path: Path, server: str) -> None:
        self._words, template, self._closes = _open(path)
        chat = ChatTemplate(template, self._words.named(), self._words.specials)
        self._words.mark(chat.source)
        self.identity = identify("remote", server, chat)
        self.stops, self.names_calls = chat.stops, chat.names_calls
        self._encoder = PromptEncoder(chat, self._words, self.identity)
        self._heads = heads(chat, self._words.starts_with_space)
        self._spoken = Spoken()
        self._known = False  # whether all ids of the round are

    def begin(self, messages: Sequence[Message]) -> list[int]:
        """The ids of MESSAGES; a round starts."""
        self._spoken, self._known = Spoken(drops=self._heads), True
        return self._encoder.encode(messages).ids

    def tokens(self, messages: Sequence[Message]) -> int:
        """How many ids MESSAGES take."""
        return len(self._encoder.encode(messages).ids)

    def count(self, text: str) -> int:
        """Tokens of TEXT as content."""
        return self._encoder.count(text)

    def said(self, ids: Sequence[int]) -> str | None:
        """Take IDS, which were generated: the whole characters that they complete.

        None when there are none or some that the tokenizer has not: then this round's ids are not known.
        """
        self._known = self._known and bool(ids) and max(ids) < self._words.size
        if not self._known:
            return None
        own = [token for token in ids if not self._words.ends(token)]
        return "".join(self._spoken.add(token, self._words.piece(token)) for token in own)

    def record(self, length: int) -> tuple[int, ...]:
        """The ids of the first LENGTH characters of the round; none where the server did not say them."""
        return tuple(self._spoken.ids[: self._spoken.tokens(length)]) if self._known else ()

    def close(self) -> None:
        """Free the tokenizer."""
        if self._closes is not None:
            self._closes.close()


def _open(path: Path) -> tuple[Any, str | None, Any]:
    """Vocabulary, template, and what is to be closed in the end."""
    if path.is_dir():
        from yanray.cores.hf_files import read_config  # transformers
        from yanray.cores.hf_model import open_vocabulary

        config = SimpleNamespace(**read_config(path, weights=False))
        return *open_vocabulary(path, config), None
    if not path.is_file():
        raise ModelError(f"{path}: no such file or folder; name the tokenizer of the served model")
    from yanray.cores.gguf_model import GgufModel  # llama_cpp

    model = GgufModel(path, vocab_only=True)
    return model.vocabulary, model.template, model
