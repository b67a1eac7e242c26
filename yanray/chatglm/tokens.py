"""The tokenizer files of the ChatGLM family: `tokenizer.model` is SentencePiece's in ChatGLM2 and ChatGLM3, a
list of byte strings with ranks (tiktoken's) in GLM-4."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

from yanray.errors import DataError, ModelError

# How GLM-4 cuts text before it merges bytes (ChatGLM4Tokenizer).
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def holds_ranks(path: Path) -> bool:
    """Whether PATH is GLM-4's list of ranks. Raises ModelError when it is missing."""
    try:
        with path.open("rb") as file:
            line = file.readline(4096).split()
    except OSError:
        raise ModelError(f"{path}: cannot be read; it belongs to the checkpoint: fetch it again") from None
    return len(line) == 2 and line[1].isdigit()


def read_ranks(path: Path) -> list[bytes]:
    """GLM-4's tokens in the order of their ids. Raises DataError."""
    try:
        lines = [line.split() for line in path.read_bytes().splitlines() if line.strip()]
        ranks = {int(rank): base64.b64decode(token, validate=True) for token, rank in lines}
        return [ranks[rank] for rank in range(len(lines))]
    except (OSError, ValueError, KeyError, binascii.Error) as error:
        raise DataError(f"{path}: no list of tokens and ranks ({error}); fetch it again") from None


def byte_letters() -> list[str]:
    """GPT-2's printable letter for each byte (openai/gpt-2, encoder.py, bytes_to_unicode)."""
    shown = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(spare)) for byte in range(256)]


def byte_level(tokens: list[bytes]) -> tuple[list[str], list[tuple[str, str]]]:
    """TOKENS spelled in GPT-2's letters, and the merges that make them.

    Two neighbours may be joined wherever the joined bytes are a token, the lowest rank first: so a merge is
    listed for each way to cut a token into two.
    """
    letters = byte_letters()
    spelled = ["".join(letters[byte] for byte in token) for token in tokens]
    known = set(spelled)
    merges = [
        (token[:at], token[at:])
        for token in spelled
        for at in range(1, len(token))
        if token[:at] in known and token[at:] in known
    ]
    return spelled, merges


def open_sentencepiece(path: Path) -> Any:
    """The SentencePieceProcessor of PATH. Raises ModelError and DataError."""
    try:
        import sentencepiece
    except ImportError:
        raise ModelError(f"{path}: needs the sentencepiece package: pip install 'yanray[hf]'") from None
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise DataError(f"{path}: nothing that sentencepiece can read ({error}); fetch it again") from None
