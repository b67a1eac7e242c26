"""Documents as token ids, by the rule of `nano/template.jinja`, with what each token is worth to the loss.

The template writes a role's marker, then the content, with nothing between. The markers are read off the
template itself, so the rule stands in one place. Contents are tokenised one by one, without control tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from yanray.paths import PACKAGE
from yanray.train.tokenizer import SPECIALS, content_tokenizer

if TYPE_CHECKING:
    from yanray.train.document import Document

NOTHING, CONTEXT, TEXT, SPOKEN = range(4)  # classes of tokens
WEIGHTS = (0.0, 0.05, 0.3, 1.0)  # loss weight of each class; nano's prototypes used these
TEMPLATE = PACKAGE / "nano" / "template.jinja"


@dataclass(frozen=True, slots=True)
class Rendered:
    """One document: `ids` (uint16) and `classes` (uint8), both of shape [tokens]."""

    ids: NDArray[np.uint16]
    classes: NDArray[np.uint8]
    kind: str


@lru_cache(maxsize=1)
def role_markers() -> dict[str, str]:
    """The text that the template writes before the content of each role."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    template = ImmutableSandboxedEnvironment().from_string(TEMPLATE.read_text(encoding="utf-8"))
    roles = ("system", "user", "assistant", "tool")
    return {role: str(template.render(messages=[{"role": role, "content": ""}])) for role in roles}


class Renderer:
    """Renders documents with the tokenizer.json at PATH."""

    def __init__(self, path: Path) -> None:
        self.tokenizer: Any = content_tokenizer(path)
        ids = {token: self.tokenizer.token_to_id(token) for token in SPECIALS}
        self.markers = {role: ids[marker] for role, marker in role_markers().items()}
        self.end, self.pad = ids["<|end|>"], ids["<|pad|>"]

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each of TEXTS, as contents."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(texts))]

    def render(self, documents: Sequence[Document]) -> list[Rendered]:
        """Each document of DOCUMENTS; its contents are tokenised together, which is where the time goes."""
        contents = iter(self.encode([m.content for document in documents for m in document.messages]))
        return [self._one(document, [next(contents) for _ in document.messages]) for document in documents]

    def _one(self, document: Document, contents: list[list[int]]) -> Rendered:
        if document.kind == "text":
            ids = [*contents[0], self.end]
            return Rendered(np.array(ids, np.uint16), np.full(len(ids), TEXT, np.uint8), document.kind)
        ids = []
        classes: list[int] = []
        before = ""
        for message, content in zip(document.messages, contents, strict=True):
            ids += [self.markers[message.role], *content]
            classes.append(SPOKEN if before == "assistant" else CONTEXT)
            classes += [SPOKEN if message.role == "assistant" else CONTEXT] * len(content)
            before = message.role
        if before == "assistant":  # the answer ends where the user's marker would follow
            ids.append(self.markers["user"])
            classes.append(SPOKEN)
        return Rendered(np.array(ids, np.uint16), np.array(classes, np.uint8), document.kind)


def transcript(document: Document) -> str:
    """DOCUMENT as text, markers written out, for people and for hashes."""
    if document.kind == "text":
        return document.messages[0].content
    markers = role_markers()
    return "".join(markers[message.role] + message.content for message in document.messages)
