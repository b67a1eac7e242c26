"""What a server of the OpenAI kind streams, read with distrust.

Format: developers.openai.com, API reference, "Create chat completion", streaming; `data:` lines with JSON,
the last one `[DONE]`.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from yanray.cores.remote_wire import Failure, excerpt

MOST_TOKENS = 1 << 31  # what a server may claim


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens as the server reports them; 0 cached where it says nothing of it."""

    prompt: int
    cached: int
    generated: int


class Answer:
    """One answer as it comes in.

    most: pieces of text, each of one token or more, that it may have. read: makes text of the ids that the
    server says it generated, or gives None: then its own words are taken.
    """

    def __init__(self, most: int, read: Callable[[Sequence[int]], str | None] | None = None) -> None:
        self._most = most
        self._read = read
        self._decoder = codecs.getincrementaldecoder("utf-16-le")("replace")
        self.pieces = 0
        self.length = 0  # characters given out
        self.reason: Literal["stop", "length"] | None = None
        self.done = False  # nothing more is to come
        self.counts: Counts | None = None

    def feed(self, line: bytes) -> tuple[str, bool]:
        """Take LINE: the text to show, and whether it was a sign of progress. Raises Failure."""
        if not line.startswith(b"data:"):
            return "", False
        data = line[5:].strip()
        if data == b"[DONE]":
            self.done = True
            self.reason = self.reason or "stop"
            return "", True
        chunk = _object(data)
        self.counts = _counts(chunk.get("usage")) or self.counts
        choices = chunk.get("choices") or [{}]
        choice = choices[0] if isinstance(choices, list) and isinstance(choices[0], dict) else {}
        text, alive = self._text(choice)
        if self.reason is None and choice.get("finish_reason"):
            self.reason = "length" if choice["finish_reason"] == "length" else "stop"
        return text, alive

    def _text(self, choice: Mapping[str, Any]) -> tuple[str, bool]:
        """The text in CHOICE, in whole characters, and whether the model works; none once the round is
        over."""
        delta = choice.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        said = delta.get("content") or choice.get("text")  # a chat's, or a completion's
        ids = _ids(choice.get("token_ids")) if self._read else []
        if (not isinstance(said, str) or not said) and not ids:
            return "", bool(delta.get("reasoning_content") or delta.get("reasoning"))
        if self.reason is not None:  # it talks on: no need to hear more
            self.done = True
            return "", False
        self.pieces += 1
        if self.pieces >= self._most:
            self.reason = "length"
        known = self._read(ids) if self._read else None
        if known is not None:
            self.length += len(known)
            return known, True
        # JSON may carry a character in two halves, one at the end of a chunk.
        halves = str(said or "").encode("utf-16-le", "surrogatepass")
        text = self._decoder.decode(halves, final=self.reason is not None)
        self.length += len(text)
        return text, True


def _object(data: bytes) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except ValueError:
        chunk = None
    if not isinstance(chunk, dict):
        raise Failure(f"sends what is no JSON object: {excerpt(data)}")
    if chunk.get("error"):
        raise Failure(f"reports: {excerpt(data)}")
    return chunk


def _counts(usage: Any) -> Counts | None:
    """USAGE, unless it is none or cannot be true."""
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    cached = _number(details.get("cached_tokens")) if isinstance(details, dict) else 0
    prompt, generated = _number(usage.get("prompt_tokens")), _number(usage.get("completion_tokens"))
    if prompt < 0 or generated < 0:
        return None
    return Counts(prompt, min(max(0, cached), prompt), generated)


def _ids(claimed: Any) -> list[int]:
    """CLAIMED as token ids, none where it is not."""
    ids = claimed if isinstance(claimed, list) else []
    return ids if all(isinstance(token, int) and 0 <= token < MOST_TOKENS for token in ids) else []


def _number(claimed: Any) -> int:
    """CLAIMED as a count of tokens, -1 when it cannot be one."""
    return claimed if isinstance(claimed, int) and 0 <= claimed < MOST_TOKENS else -1
