"""Talk without tools: the small talk under any list or none, who Yanray is, and dialogues of people.

The dialogues (kdconv in Chinese, topical_chat in English) teach how talk goes on; they stand without a system
prompt, so that they do not teach to answer from memory where a tool should be asked.
"""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from yanray.messages import Message
from yanray.toolbox.spec import ToolSpec
from yanray.train import shipped
from yanray.train.concepts import bank
from yanray.train.conversations import language_of, prompt_language
from yanray.train.document import Document, Exchange, Language, conversation, said
from yanray.train.talk import Talk
from yanray.train.toollists import dress, name_style, size

Dialogue = tuple[str, ...]
_LONGEST = 160  # characters of a message
_PROMISES = ("翻译", "代码", "创作", "写", "训练", "translat", "code", "writ", "creativ", "trained")


def _identity(row: dict[str, Any]) -> Dialogue:
    """Question and answer; nothing when the answer promises what Yanray cannot do."""
    if len(row["output"]) > _LONGEST or any(word in row["output"] for word in _PROMISES):
        return ()
    author = "the Yanray project" if row["output"].isascii() else "Yanray 项目"
    texts = (row["instruction"], row["output"])
    filled = (text.replace("{{name}}", "Yanray").replace("{{author}}", author) for text in texts)
    return tuple(text.replace("项目 ", "项目") for text in filled)


def _kdconv(row: dict[str, Any]) -> Dialogue:
    return tuple(each["message"].strip() for each in row["messages"])


def _topical(row: dict[str, Any]) -> Dialogue:
    return tuple(" ".join(each["message"].split()) for each in row["turns"])


_READERS: dict[str, Callable[[dict[str, Any]], Dialogue]] = {
    "identity_en_zh": _identity,
    "kdconv_zh_devtest": _kdconv,
    "topical_chat_validtest": _topical,
}


SETS = tuple(_READERS)


def _rows(folder: Path, name: str) -> Iterator[Dialogue]:
    with lzma.open(folder / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield _READERS[name](json.loads(line))


@lru_cache(maxsize=1)
def dialogues(folder: Path | None) -> dict[str, tuple[Dialogue, ...]]:
    """Data set -> its dialogues; those that FOLDER lacks are left out."""
    if folder is None:
        return {}
    present = [name for name in _READERS if (folder / f"{name}.jsonl.xz").is_file()]
    return {name: tuple(row for row in _rows(folder, name) if len(row) > 1) for name in present}


class Chat:
    """Conversations of talk alone."""

    def __init__(self, talk: Talk, data: Path | None) -> None:
        self.talk = talk
        found = dict(dialogues(data))
        self.who = found.pop("identity_en_zh", ())
        self.others = found

    def __call__(self, rng: random.Random) -> Document:
        """One conversation."""
        if self.others and rng.random() < 0.3:
            return self._dialogue(rng)
        language = language_of(rng)
        shown = prompt_language(rng, language)
        tools = self._list(rng, shown)
        turns: list[Exchange] = []
        for _ in range(rng.choice((1, 2, 3, 4, 5, 6))):
            before = turns[-1].messages[-1].content if turns else ""
            turns.append(self._turn(rng, language, tools, before))
        return conversation(tools, turns, language=shown, kind="chat")

    def _list(self, rng: random.Random, shown: Language) -> list[ToolSpec]:
        """The shipped tools, any tools, or none."""
        kind = rng.random()
        if kind < 0.55:
            return list(shipped.specs().values())
        if kind < 0.7:
            return []
        styles, taken = name_style(rng), set[str]()
        return [dress(rng, each, shown, styles, taken).spec for each in rng.sample(bank(), size(rng))]

    def _turn(self, rng: random.Random, language: Language, tools: list[ToolSpec], before: str) -> Exchange:
        if self.who and rng.random() < 0.06:
            question, answer = rng.choice(self.who)[:2]
            if any(letter >= "\u4e00" for letter in question) == (language == "zh"):
                return said(question, answer)
        return self.talk(rng, language, tools, before)

    def _dialogue(self, rng: random.Random) -> Document:
        """A stretch of a dialogue between people, cut where a message is long."""
        lines = rng.choice(self.others[rng.choice(list(self.others))])
        start = 2 * rng.randrange(max(1, len(lines) // 4))
        messages: list[Message] = []
        for number, text in enumerate(lines[start : start + 10]):
            if not text or len(text) > _LONGEST:
                break
            messages.append(Message("assistant" if number % 2 else "user", text))
        if messages and messages[-1].role == "user":
            messages.pop()
        return Document(tuple(messages), "chat") if messages else self._dialogue(rng)
