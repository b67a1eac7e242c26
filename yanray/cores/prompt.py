"""A conversation as token ids: the template's segments, each tokenised as what it is.

Template text is tokenised with special tokens on, contents with special tokens off and checked, a round that
this core generated is spliced in as its ids. Nobody can forge a role by writing its marker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from yanray.cores.rendering import Rendering, segments
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


_Key: TypeAlias = tuple[type, str, bool]  # kind of segment, its text, whether it is glued


@dataclass(frozen=True, slots=True)
class _Piece:
    """The ids of one segment. key: what they depend on, None for ids that the core generated. end: how many
    ids stand with them."""

    key: _Key | None
    ids: Sequence[int]
    end: int


def content_ids(tokenizer: Tokenizer, text: str, *, glued: bool) -> list[int]:
    """Ids of TEXT, none of them special.

    Some tokenizers merge ordinary letters into a control token ("p-eop-le" in ChatGLM3's vocabulary under
    llama.cpp), and some match user-defined tokens whatever one asks for. Such a place is tokenised in two
    halves.
    """
    ids = tokenizer.encode(text, special=False, glued=glued)
    label = next((tokenizer.text(token) for token in ids if tokenizer.is_special(token)), None)
    if label is None:
        return ids
    at = text.find(label)
    if at < 0 or len(label) < 2:
        return [token for token in ids if not tokenizer.is_special(token)]
    cut = at + len(label) // 2
    halves = (content_ids(tokenizer, text[:cut], glued=glued), content_ids(tokenizer, text[cut:], glued=True))
    return [*halves[0], *halves[1]]


class Layout:
    """Segments as ids, each laid behind the one before. What was cut off last is remembered, so that it is
    not tokenised again when it is laid anew."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.ids: list[int] = []
        self._tokenizer = tokenizer
        self._pieces: list[_Piece] = []
        self._known: dict[_Key, Sequence[int]] = {}

    def __len__(self) -> int:
        return len(self._pieces)

    @property
    def pieces(self) -> list[Sequence[int]]:
        """The ids of each segment."""
        return [piece.ids for piece in self._pieces]

    def end(self, length: int) -> int:
        """How many ids the first LENGTH segments take."""
        return self._pieces[length - 1].end if length else 0

    def cut(self, length: int) -> None:
        """Keep the first LENGTH segments."""
        self._known = {piece.key: piece.ids for piece in self._pieces[length:] if piece.key}
        del self._pieces[length:]
        del self.ids[self.end(len(self)) :]

    def extend(self, segments: Sequence[Segment]) -> None:
        """Lay SEGMENTS."""
        space = ""
        for index, original in enumerate(segments):
            segment, space = _lend_space(original, space, segments[index + 1 : index + 2])
            if isinstance(segment, Own):
                self._put(None, segment.ids)
            else:
                key = (type(segment), segment.text, self._glued())
                self._put(key, self._tokens(*key))

    def _put(self, key: _Key | None, ids: Sequence[int]) -> None:
        self.ids.extend(ids)
        self._pieces.append(_Piece(key, ids, len(self.ids)))

    def _glued(self) -> bool:
        """Whether ordinary text stands before what is laid next."""
        return bool(self.ids) and not self._tokenizer.is_special(self.ids[-1])

    def _tokens(self, kind: type, text: str, glued: bool) -> Sequence[int]:
        found = self._known.get((kind, text, glued))
        if found is not None:
            return found
        if kind is Marker:
            return self._tokenizer.encode(text, special=True, glued=glued)
        return content_ids(self._tokenizer, text, glued=glued)


class PromptEncoder:
    """Turns messages into ids for one template and tokenizer. Of a conversation that was encoded before only
    what is new is rendered and tokenised."""

    def __init__(self, template: ChatTemplate, tokenizer: Tokenizer, identity: str) -> None:
        self.template = template
        self.identity = identity
        self._tokenizer = tokenizer
        self._rendering = Rendering(template, identity)
        self._layout = Layout(tokenizer)
        self._laid = 0  # segments of the rendering that stand in the layout for certain
        self._aside = Layout(tokenizer)  # for all that is not the conversation at hand

    def encode(self, messages: Sequence[Message]) -> Prompt:
        """The ids of MESSAGES, ending where the assistant goes on."""
        rendering, layout = self._rendering, self._layout
        stood = min(self._laid, rendering.follow(messages))
        self._laid = 0  # until all is done: Ctrl-C may come at any time
        layout.cut(stood)
        layout.extend(rendering.segments[stood:])
        layout.extend(rendering.closing())
        self._laid = len(rendering.segments)
        missing = self.missing(layout.ids)
        at = len(layout) if rendering.prefix is None else rendering.prefix
        return Prompt([*missing, *layout.ids], len(missing) + layout.end(at))

    def opening(self, messages: Sequence[Message]) -> list[int]:
        """The ids that MESSAGES followed by a user's message begin with, whatever the user writes."""
        found, _ = segments(self.template, [*messages, Message("user", "")], self.identity)
        last = max(index for index, segment in enumerate(found) if isinstance(segment, Content))
        self.lay_out(found)
        ids = self._aside.ids[: self._aside.end(last)]
        return [*self.missing(self._aside.ids), *ids]

    def count(self, text: str) -> int:
        """Tokens of TEXT as content."""
        return len(content_ids(self._tokenizer, text, glued=True))

    def lay_out(self, found: Sequence[Segment]) -> list[Sequence[int]]:
        """The ids of each of the segments FOUND, without what `missing` says of the first."""
        self._aside.cut(0)
        self._aside.extend(found)
        return self._aside.pieces

    def missing(self, ids: Sequence[int]) -> list[int]:
        """The tokenizer's `bos` when IDS do not begin with it."""
        bos = list(self._tokenizer.bos)
        return [] if list(ids[: len(bos)]) == bos else bos


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
