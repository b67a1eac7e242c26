"""The embedded model's tokenizer: byte-level BPE whose ids llama.cpp computes in the same way.

`Split(\\p{N}, isolated)` and then `ByteLevel` is what llama.cpp runs for `tokenizer.ggml.model = gpt2` with
`tokenizer.ggml.pre = smollm`. The role markers are control tokens with the lowest ids. A content is never
searched for them: `content_tokenizer` does not know them, so nothing that a user or a tool writes can forge
a role.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from yanray.errors import DataError

MARKERS = {
    "system": "<|system|>",
    "user": "<|user|>",
    "assistant": "<|assistant|>",
    "tool": "<|observation|>",
}
END, PAD = "<|end|>", "<|pad|>"
SPECIALS = (*MARKERS.values(), END, PAD)
LONGEST_TOKEN = 24  # bytes: a longer merge is one phrase of the corpus, not a word


def train_tokenizer(texts: Iterable[str], size: int) -> Any:
    """A `tokenizers.Tokenizer` of SIZE tokens, control tokens included, learned from TEXTS."""
    from tokenizers import Tokenizer, decoders, models, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = _pre_tokenizer()
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIALS),
        initial_alphabet=sorted(_byte_alphabet()),
        max_token_length=LONGEST_TOKEN,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if tokenizer.get_vocab_size() != size:
        found = tokenizer.get_vocab_size()
        raise DataError(
            f"The sample yields {found} tokens, not {size}: give more text or a smaller --vocabulary."
        )
    return tokenizer


def assemble_tokenizer(tokens: list[str], merges: list[str]) -> Any:
    """The tokenizer of a GGUF again, from its `tokens` (by id) and `merges` ("left right")."""
    from tokenizers import AddedToken, Tokenizer, decoders, models

    pairs: Any = [tuple(merge.split(" ", 1)) for merge in merges]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=pairs))
    tokenizer.pre_tokenizer = _pre_tokenizer()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIALS])
    return tokenizer


def content_tokenizer(path: Path) -> Any:
    """The tokenizer in the tokenizer.json at PATH without its control tokens: the one for contents."""
    from tokenizers import Tokenizer

    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["added_tokens"] = []
    return Tokenizer.from_str(json.dumps(stored))


def tokens_and_merges(path: Path) -> tuple[list[str], list[str]]:
    """Tokens by id, and merges as "left right", of the tokenizer.json at PATH."""
    model = json.loads(path.read_text(encoding="utf-8"))["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    return tokens, merges


def _pre_tokenizer() -> Any:
    from tokenizers import Regex, pre_tokenizers

    digits = pre_tokenizers.Split(Regex(r"\p{N}"), "isolated")
    return pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])


def _byte_alphabet() -> list[str]:
    from tokenizers import pre_tokenizers

    return list(pre_tokenizers.ByteLevel.alphabet())
