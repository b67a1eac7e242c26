"""The vocabulary of a ChatGLM folder in its authors' own layout, for the transformers core."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from yanray.chatglm.layout import Layout
from yanray.chatglm.tokens import SPLIT, byte_level, read_ranks
from yanray.cores.hf_vocabulary import HfVocabulary
from yanray.cores.sentencepiece_vocabulary import SentencePieceVocabulary

HfWords: TypeAlias = HfVocabulary | SentencePieceVocabulary


def open_words(folder: Path, layout: Layout) -> HfWords:
    """The vocabulary of FOLDER. Raises ModelError and DataError."""
    path, rows = folder / "tokenizer.model", int(layout.glm["vocab_size"])
    if layout.version < 4:
        return SentencePieceVocabulary(path, layout.specials, layout.ends, rows)
    tokenizer = _glm4_tokenizer(path, layout)
    ends = [tokenizer.convert_tokens_to_ids(label) for label in ("<|endoftext|>", *layout.ends)]
    return HfVocabulary(tokenizer, rows, ends)


def _glm4_tokenizer(path: Path, layout: Layout) -> Any:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tokens, merges = byte_level(read_ranks(path))
    vocabulary = {token: rank for rank, token in enumerate(tokens)}
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, ignore_merges=True))
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens([AddedToken(label, special=True) for label in layout.specials])
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|endoftext|>")
