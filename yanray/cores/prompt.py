"""A conversation as token ids: the template's segments, each tokenised as what it is.

Template text is tokenised with special tokens on, contents with special tokens off and checked, a round that
this core generated is spliced in as its ids. Nobody can forge a role by writing its marker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from yanray.cores.template import ChatTemplate, Content, Marker, Own, Segment
from yanray.messages import Message


class Tokenizer(Protocol):
    """What a core's vocabulary must offer."""

    bos: tuple[int, ...]  # ids that every prompt begins with

    def encode(self, text: str, *, special: bool, glued: bool) -> list[int]:
        """Ids of TEXT. special: text of special tokens gives these tokens. glued: ordinary text stands before
        it, so a tokenizer that starts each text with a space of its own must not do so here."""
        ...

    def is_special(self, token: int) -> bool:
        """Whether TOKEN stands for a role, a border or the end of a round and never for text."""
        ...

    def text(self, token: int) -> str:
        """The label of a special token."""
        ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """Ids of a rendered conversation; the first `prefix` of them are the system's part, the same in every
    turn."""

    ids: list[int]
    prefix: int


class PromptEncoder:
    """Turns messages into ids for one template and tokenizer; remembers the pieces of the last
    conversation."""

    def __init__(self, template: ChatTemplate, tokenizer: Tokenizer, identity: str) -> None:
        self.template = template
        self.identity = identity
        self._tokenizer = tokenizer
        self._last: tuple[list[Message], Prompt] = ([], Prompt([], 0))
        self._known: dict[tuple[type, str, bool], list[int]] = {}
        self._next: dict[tuple[type, str, bool], list[int]] = {}

    def encode(self, messages: Sequence[Message]) -> Prompt:
        """The ids of MESSAGES, ending where the assistant goes on."""
        if messages and self._last[0] == list(messages):  # they are counted before they are read
            return self._last[1]
        segments, prefix = self.template.segments(messages, self.identity)
        ids, border = self._join(segments, prefix)
        self._last = (list(messages), Prompt(ids, border))
        return self._last[1]

    def opening(self, messages: Sequence[Message]) -> list[int]:
        """The ids that MESSAGES followed by a user's message begin with, whatever the user writes."""
        segments, _ = self.template.segments([*messages, Message("user", "")], self.identity)
        last = max(index for index, segment in enumerate(segments) if isinstance(segment, Content))
        ids, border = self._join(segments, last)
        return ids[:border]

    def count(self, text: str) -> int:
        """Tokens of TEXT as content."""
        return len(self._content(text, glued=True))

    def lay_out(self, segments: Sequence[Segment]) -> list[Sequence[int]]:
        """The ids of each of SEGMENTS, without what `missing` says of the first."""
        self._next = {}
        pieces: list[Sequence[int]] = []
        last: int | None = None
        space = ""
        for index, original in enumerate(segments):
            segment, space = _lend_space(original, space, segments[index + 1 : index + 2])
            piece = self._ids(segment, last)
            last = piece[-1] if piece else last
            pieces.append(piece)
        self._known = self._next
        return pieces

    def missing(self, ids: Sequence[int]) -> list[int]:
        """The tokenizer's `bos` when IDS do not begin with it."""
        bos = list(self._tokenizer.bos)
        return [] if list(ids[: len(bos)]) == bos else bos

    def _join(self, segments: Sequence[Segment], at: int) -> tuple[list[int], int]:
        """The ids of SEGMENTS, and how many of them come from the first AT segments."""
        pieces = self.lay_out(segments)
        ids = [token for piece in pieces for token in piece]
        missing = self.missing(ids)
        return missing + ids, len(missing) + sum(len(piece) for piece in pieces[:at])

    def _ids(self, segment: Segment, before: int | None) -> Sequence[int]:
        """The ids of SEGMENT after the token BEFORE."""
        if isinstance(segment, Own):
            return segment.ids
        glued = before is not None and not self._tokenizer.is_special(before)
        key = (type(segment), segment.text, glued)
        found = self._known.get(key)
        if found is None:
            if isinstance(segment, Marker):
                found = self._tokenizer.encode(segment.text, special=True, glued=glued)
            else:
                found = self._content(segment.text, glued)
        self._next[key] = found
        return found

    def _content(self, text: str, glued: bool) -> list[int]:
        """Ids of TEXT, none of them special.

        Some tokenizers merge ordinary letters into a control token ("p-eop-le" in ChatGLM3's vocabulary under
        llama.cpp), and some match user-defined tokens whatever one asks for. Such a place is tokenised in two
        halves.
        """
        ids = self._tokenizer.encode(text, special=False, glued=glued)
        label = next(
            (self._tokenizer.text(token) for token in ids if self._tokenizer.is_special(token)), None
        )
        if label is None:
            return ids
        at = text.find(label)
        if at < 0 or len(label) < 2:
            return [token for token in ids if not self._tokenizer.is_special(token)]
        cut = at + len(label) // 2
        return self._content(text[:cut], glued) + self._content(text[cut:], glued=True)


def _lend_space(segment: Segment, lent: str, following: Sequence[Segment]) -> tuple[Segment, str]:
    """SEGMENT after the spaces at a marker's end have gone to the content behind it, and the spaces to lend
    on.

    Tokenizers keep a space with the word that follows it: "User:", " hello", as they would tokenise the
    whole.
    """
    if isinstance(segment, Content):
        return Content(lent + segment.text), ""
    if isinstance(segment, Marker) and following and isinstance(following[0], Content):
        bare = segment.text.rstrip(" ")
        return Marker(bare), segment.text[len(bare) :]
    return segment, ""
