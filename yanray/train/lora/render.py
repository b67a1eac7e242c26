"""Conversations as token ids, by the template and the tokenizer with which a core reads them, and what of
them is taught: what the assistant says, and the token that ends it.

Each answer stands where a core would generate it, after the template's generation prompt, so that the model
is taught at the very ids from which it will speak. Contents are tokenised without special tokens: a marker of
a role that somebody wrote is text here, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from yanray.cores.local import Words
from yanray.cores.prompt import PromptEncoder
from yanray.cores.rendering import segments
from yanray.cores.template import ChatTemplate, Content, Own, Segment
from yanray.messages import Message
from yanray.train.lora.packing import Example

SAID = "taught"  # the identity under which answers are given to the template as generated ones
WORTH = 32  # ids of a system prompt that are worth sharing
STRETCH = 1 << 16  # characters of plain text that are tokenised at once


class Labelled(Words, Protocol):
    """A vocabulary that knows its special tokens' labels."""

    def specials(self, text: str) -> list[str]:
        """The labels of the special tokens that TEXT gives when they are meant."""
        ...

    def named(self) -> Mapping[str, str]:
        """`bos_token` and `eos_token`."""
        ...


class Renderer:
    """Renders for one VOCABULARY and TEMPLATE."""

    def __init__(self, vocabulary: Labelled, template: ChatTemplate) -> None:
        self._words = vocabulary
        self._template = template
        self._encoder = PromptEncoder(template, vocabulary, SAID)

    def conversation(self, messages: Sequence[Message], taught: Sequence[bool]) -> Example:
        """The example of MESSAGES; of the assistant's, those whose TAUGHT is true are learnt.

        Raises ModelError when the template refuses the conversation.
        """
        last = max(index for index, message in enumerate(messages) if message.role == "assistant")
        marked = [
            replace(message, ids=(index,), core=SAID) if message.role == "assistant" else message
            for index, message in enumerate(messages[: last + 1])
        ]
        # What a user's message would begin with ends the last answer.
        found, prefix = segments(self._template, [*marked, Message("user", "")], SAID)
        found = found[:-2]
        spoken = {at: part.ids[0] for at, part in enumerate(found) if isinstance(part, Own)}
        laid: list[Segment] = [
            self._answer(messages[spoken[at]].content) if at in spoken else part
            for at, part in enumerate(found)
        ]
        return self._joined(laid, {at for at, index in spoken.items() if taught[index]}, prefix)

    def text(self, content: str, tokens: int) -> Iterator[Example]:
        """Plain CONTENT in stretches of TOKENS, all of it taught."""
        ids: list[int] = []
        for piece in _stretches(content):
            ids += self._encoder.lay_out([Content(piece)])[0]
        ids = [*self._encoder.missing(ids), *ids, *self._end()]
        for start in range(0, len(ids), tokens):
            part = tuple(ids[start : start + tokens])
            if len(part) > 1:
                yield Example(part, (True,) * len(part))

    def markers(self, content: str) -> list[str]:
        """The special tokens that CONTENT spells out."""
        return self._words.specials(content)

    def _answer(self, content: str) -> Content:
        """CONTENT as the model is to generate it, with the space that the template leaves to it."""
        return Content(f" {content.strip()}" if self._template.expects_space else content.strip())

    def _joined(self, laid: Sequence[Segment], taught: set[int], prefix: int) -> Example:
        pieces = self._encoder.lay_out(laid)
        ids = list(self._encoder.missing([token for piece in pieces[:1] for token in piece]))
        learnt = [False] * len(ids)
        head = len(ids) + sum(len(piece) for piece in pieces[:prefix])
        for at, piece in enumerate(pieces):
            ends = self._ending(piece) if at - 1 in taught else 0
            final = at == len(pieces) - 1
            ids += piece[: self._ending(piece)] if final else piece
            learnt += [True] * len(piece) if at in taught else [True] * ends
            learnt += [False] * (len(ids) - len(learnt))
        return Example(tuple(ids), tuple(learnt), head if head >= WORTH else 0)

    def _ending(self, marker: Sequence[int]) -> int:
        """How many ids of MARKER, which follows an answer, end the answer."""
        if self._template.stops:  # the text itself ends it
            return len(marker)
        return next((at + 1 for at, token in enumerate(marker) if self._words.ends(token)), 0)

    def _end(self) -> list[int]:
        """The id that ends a text, where the tokenizer names one."""
        label = self._words.named()["eos_token"]
        return self._words.encode(label, special=True, glued=False) if label else []


def _stretches(content: str) -> Iterator[str]:
    """CONTENT in pieces, cut at ends of lines."""
    held = ""
    for line in content.splitlines(keepends=True):
        held += line
        if len(held) >= STRETCH:
            yield held
            held = ""
    if held:
        yield held
