"""Conversations about numbers: sums as people put them, and word problems, for a calculator in the list."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from yanray.toolbox.spec import ToolSpec
from yanray.train import (
    arithmetic,
    gsm,
    names,
    problems_en,
    problems_zh,
    repeats,
    school,
    shipped,
    situations,
)
from yanray.train.concepts import bank
from yanray.train.conversations import prompt_language
from yanray.train.document import Document, Exchange, Language, called, conversation
from yanray.train.everyday import aftersums, followups
from yanray.train.question import Question
from yanray.train.toollists import dress, name_style, size

_TURNS = (1, 2, 3, 4, 5, 6, 8, 10, 12)
_LENGTH = {"en": 2600, "zh": 1700}  # characters of the questions and the list that still fit into a row
# Other ways to describe the calculator; the shipped one's own comes from its file.
_CALCULATORS = {
    "en": (
        "Evaluate an arithmetic expression",
        "Do sums",
        "Compute the value of a formula",
        "Calculator for numbers, powers and roots",
        "Works out an expression",
    ),
    "zh": ("计算算式", "求一个表达式的值", "计算器：加减乘除、乘方、开方", "算数"),
}
_NAMES = ("calc", "compute", "evaluate", "sum", "math", "calculator", "eval", "reckon")


class Sums:
    """Conversations about numbers; DATA may hold gsm8k's training problems."""

    def __init__(self, data: Path | None) -> None:
        self.schoolbook = gsm.generator(data) if data and (data / gsm.FILE).is_file() else None

    def question(self, rng: random.Random, language: Language) -> Question:
        """An everyday sum (two of five), or a word problem."""
        kind = rng.random()
        if kind < 0.18:
            return situations.question(rng, language)
        if kind < 0.24:
            return school.question(rng, language)
        if kind < 0.26:
            return repeats.question(rng, language)
        if kind < 0.4:
            return arithmetic.question(rng, language)
        if language == "zh":
            return problems_zh.question(rng)
        if self.schoolbook and kind < 0.54:
            return self.schoolbook(rng)
        return problems_en.question(rng)

    def __call__(self, rng: random.Random) -> Document:
        """One conversation; the calculator is mostly the shipped one, else described in other words."""
        language: Language = "zh" if rng.random() < 0.5 else "en"
        shown = prompt_language(rng, language)
        tools, name = self._tools(rng, shown)
        turns: list[Exchange] = []
        length = 0
        for _ in range(rng.choice(_TURNS)):
            if name == "calculate" and rng.random() < 0.08:
                follow = followups.sums if rng.random() < 0.4 else aftersums.exchange
                turns.append(follow(rng, language))
                continue
            asked = self.question(rng, language)
            turns.append(called(asked.text, name, asked.expression, asked.answer, asked.say))
            length += len(asked.text)
            if length > _LENGTH[language] - 110 * len(tools):
                break
        return conversation(tools, turns, language=shown, kind="sums")

    def _tools(self, rng: random.Random, shown: Language) -> tuple[list[ToolSpec], str]:
        """The list, and the calculator's name in it."""
        ours = shipped.specs()
        if rng.random() < 0.5:
            return list(ours.values()), "calculate"
        calculator = ours["calculate"]
        taken: set[str] = {"calculate"}
        if rng.random() < 0.7:
            summary = rng.choice(_CALCULATORS[shown])
            name = rng.choice(_NAMES) if rng.random() < 0.6 else names.invented(rng)
            calculator = replace(calculator, name=name, summary=summary)
            if rng.random() < 0.5:
                calculator = replace(calculator, examples=())
            taken.add(name)
        styles = name_style(rng)
        # Mostly a short list: it leaves the row to the questions, which are what is learnt here.
        others = rng.sample(bank(), rng.randrange(3) if rng.random() < 0.7 else size(rng) - 1)
        return [
            calculator,
            *(dress(rng, each, shown, styles, taken).spec for each in others),
        ], calculator.name
