"""Lists of tools that never come twice, so that a request can only be matched by reading.

The concept bank is finite: after a thousand sightings a model knows its requests by heart and calls anything
new "no tool". Here the kinds of requests have no end:

- `things`: what can be asked of, or done to, any noun of the language (`tables/attributes.txt`, `deeds.txt`);
- `fragments`: tools described by a piece of some text, asked with a few of its words: pure matching of words;
- `subjects`: tools that know about one subject each, asked with a sentence or a quiz question about it that
  does not name it (encyclopedia articles, trivia), so that meaning has to be matched, not words;
- `sayings`: tools described in one language and asked in the other (aligned sentences).
"""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from yanray.toolbox.spec import ToolSpec
from yanray.train import answers, names
from yanray.train.attributes import GROUP, Attribute, attributes
from yanray.train.attributes import concept as about
from yanray.train.combined import deeds, filled
from yanray.train.concepts import Concept, parse
from yanray.train.conversations import Shelf, language_of, prompt_language
from yanray.train.document import Document, Exchange, Language, called, conversation, said
from yanray.train.nouns import nouns
from yanray.train.overlap import fragment, wording
from yanray.train.toollists import dress, name_style, size

_TABLES = Path(__file__).parent / "tables"
_ARTICLES = 20_000  # read at the start of each process: some seconds
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")
_KNOWS = {
    "en": (
        "Look up {x}",
        "Facts about {x}",
        "Tells about {x}",
        "Knows all about {x}",
        "Explain {x}",
        "A guide to {x}",
    ),
    "zh": ("查询{x}", "关于{x}的资料", "介绍{x}", "讲解{x}的知识", "{x}百科"),
}
_ASKS = {
    "en": ("{x}", "what is it: {x}", "i read this: {x}", "tell me more: {x}", "{x} - who or what is meant?"),
    "zh": ("{x}", "这说的是什么：{x}", "我看到这句：{x}", "给我讲讲：{x}"),
}
_SAYS = {"en": ("For this: {x}", "Answers: {x}", "{x}"), "zh": ("用于：{x}", "回答：{x}", "{x}")}


def things(rng: random.Random, language: Language, shown: Language) -> Shelf:
    """A list of what can be asked of nouns nobody has built a tool for; two requests are for none of them.

    A description and its request must share a noun, so the list is in the language of the request.
    """
    count = size(rng)
    picked = rng.sample(nouns(language), count + 2)
    tools: list[Concept] = []
    for noun in picked[2:]:
        for attribute in _apart(rng, rng.choice((1, 1, 1, 2, 2, 3))):
            tools.append(_thing(rng, attribute, noun, language))
    missing = tuple(_thing(rng, rng.choice(attributes()), noun, language) for noun in picked[:2])
    rng.shuffle(tools)
    styles, taken = name_style(rng), set[str]()
    dressed = [dress(rng, concept, language, styles, taken) for concept in tools[:count]]
    return Shelf(tuple(dressed), missing, language)


def _apart(rng: random.Random, count: int) -> list[Attribute]:
    """COUNT attributes that no request confuses."""
    found: dict[int, Attribute] = {}
    for attribute in rng.sample(attributes(), count + 2):
        found.setdefault(GROUP.get(attribute.key, -len(found) - 1), attribute)
    return list(found.values())[:count]


def _thing(rng: random.Random, attribute: Attribute, noun: str, language: Language) -> Concept:
    """Mostly ATTRIBUTE of NOUN, at times one of the deeds done to it."""
    if rng.random() < 0.85:
        return about(rng, attribute, noun, language)
    key, _, lines = rng.choice(deeds())
    thing = {"en": [noun], "zh": [noun]}
    text = "\n".join([f"== {key}_x", *(filled(line, thing, rng) for line in lines)])
    (concept,) = parse(text, _TABLES / "deeds.txt")
    if not noun.isascii():  # a Chinese noun makes no name
        concept.names = [names.invented(rng), f"{key}_{names.invented(rng)}"]
    return concept


class Matching:
    """Conversations in which tools are matched by meaning; DATA: the folder of the texts."""

    def __init__(self, data: Path | None) -> None:
        self.subjects = {"en": [*_articles(data), *_trivia(data)], "zh": _chinese(data)}
        self.sayings = list(_pairs(data))

    def __call__(self, rng: random.Random) -> Document:
        """One conversation."""
        language = language_of(rng)
        kind = rng.random()
        if kind < 0.35 and (pieces := self._fragments(rng, language)):
            return self._document(rng, pieces, ("{x}",), ("{x}",), language, language)
        if self.sayings and kind < 0.5:
            shown: Language = "zh" if language == "en" else "en"
            picked = [
                pair if language == "zh" else pair[::-1] for pair in rng.sample(self.sayings, size(rng) + 2)
            ]
            return self._document(rng, picked, _SAYS[shown], ("{x}",), language, shown)
        shown = language
        found = rng.sample(self.subjects[language], size(rng) + 2)
        return self._document(
            rng,
            [(name, rng.choice(hints)) for name, hints in found],
            _KNOWS[shown],
            _ASKS[language],
            language,
            shown,
        )

    def _fragments(self, rng: random.Random, language: Language) -> list[tuple[str, str]]:
        """Pieces of sentences, each with some of its words in any order; none where the texts hold none."""
        pieces: dict[str, str] = {}
        wanted = size(rng) + 2
        for _ in range(8 * wanted):
            _, hints = rng.choice(self.subjects[language])
            piece = fragment(rng, rng.choice(hints), language)
            if piece and len(pieces) < wanted:
                pieces[piece] = wording(rng, piece, language)
        return list(pieces.items()) if len(pieces) == wanted else []

    def _document(
        self,
        rng: random.Random,
        pairs: list[tuple[str, str]],
        described: tuple[str, ...],
        asked: tuple[str, ...],
        language: Language,
        shown: Language,
    ) -> Document:
        """Tools for all PAIRS (what a description says, what a request says) but the first two."""
        taken: set[str] = set()
        style = rng.choice(("invented", "fitting"))
        specs = []
        for subject, _ in pairs[2:]:
            name = names.pick(rng, [_name(subject) or names.invented(rng)], style, taken)
            specs.append(ToolSpec(name, rng.choice(described).replace("{x}", subject)))
        order = list(range(len(specs)))
        rng.shuffle(order)
        turns: list[Exchange] = []
        for number in order[: rng.choice((1, 2, 3, 4, 6, 8))]:
            text = rng.choice(asked).replace("{x}", pairs[number + 2][1])
            done = ("found", "Here it is.") if language == "en" else ("已找到", "找到了。")
            turns.append(called(text, specs[number].name, "", *done))
        if rng.random() < 0.18:
            text = rng.choice(asked).replace("{x}", pairs[0][1])
            turns.insert(rng.randrange(len(turns) + 1), said(text, answers.none_fits(rng, language, specs)))
        return conversation(specs, turns, language=prompt_language(rng, shown), kind="match")


def _name(subject: str) -> str:
    """SUBJECT as a command's name; empty when it has no ASCII letters to make one of."""
    words = re.findall(r"[a-z]+", subject.lower())[:3]
    return "_".join(words)[:28].strip("_") if len("".join(words)) > 2 else ""


def _rows(data: Path | None, name: str) -> Iterator[dict[str, Any]]:
    path = data / f"{name}.jsonl.xz" if data else None
    if path and path.is_file():
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _hints(title: str, text: str, least: int, most: int) -> list[str]:
    """Short sentences of TEXT that lack the words of TITLE."""
    words = [word for word in re.findall(r"\w+", title.lower()) if len(word) > 3 or not word.isascii()]
    sentences = (part.strip() for part in _SENTENCE.split(text[len(title) : 6000]))
    return [
        s
        for s in sentences
        if least <= len(s) <= most and not any(w in s.lower() for w in words) and "\n" not in s
    ][:12]


def _articles(data: Path | None) -> Iterator[tuple[str, list[str]]]:
    for row in islice(_rows(data, "enwiki2015_core"), _ARTICLES):
        hints = _hints(row["title"], row["text"], 35, 150)
        if len(hints) > 2 and len(row["title"]) < 40:
            yield row["title"], hints


def _trivia(data: Path | None) -> Iterator[tuple[str, list[str]]]:
    for row in _rows(data, "opentriviaqa_en"):
        question, answer = row["question"].strip(), row["answer"].strip()
        if answer.lower() in ("true", "false") or answer[:1].isdigit():
            continue
        if 2 < len(answer) < 30 and 20 < len(question) < 150 and answer.lower() not in question.lower():
            yield answer, [question]


def _chinese(data: Path | None) -> list[tuple[str, list[str]]]:
    """Subjects of Chinese articles, with their quiz questions and sentences."""
    found = []
    for row in _rows(data, "cmrc2018_zh_devtrial"):
        title = row["title"].split("(")[0].strip()
        asked = [qa["question"].replace(title, "它") for qa in row.get("qas", ())]
        found.append((title, [*asked, *_hints(title, row["context"], 10, 50)]))
    for name in ("zhwiki_1mb", "lctt_zh_ccbysa", "prc_laws_zh"):
        for row in _rows(data, name):
            found.append((row["title"][:30], _hints(row["title"], row["text"], 12, 60)))
    return [(title, hints) for title, hints in found if title and hints]


def _pairs(data: Path | None) -> Iterator[tuple[str, str]]:
    for row in _rows(data, "tatoeba_en_zh"):
        if len(row["en"]) < 60:
            yield row["en"], row["zh"]
