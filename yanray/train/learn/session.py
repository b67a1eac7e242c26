"""One learning, put together: lessons split, the base asked, the adapter trained and asked, kept or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yanray.agent.session import as_lora, open_core, open_toolbox
from yanray.cores.base import CommandGrammar, Lora
from yanray.cores.hf_files import Load
from yanray.errors import DataError
from yanray.models import adapters
from yanray.paths import home
from yanray.settings import Settings
from yanray.train.learn import rehearsal
from yanray.train.learn.exam import Marks, Question, ask, better, question, table
from yanray.train.learn.lessons import split, write_rows
from yanray.train.lora.base import open_base
from yanray.train.lora.forms import Broken, Conversation, parse
from yanray.train.lora.reading import read_examples
from yanray.train.lora.recipe import Recipe
from yanray.train.lora.render import Renderer
from yanray.train.lora.session import Work, train

LEAST = 8  # lessons: with fewer there is nothing to hold out
OTHERS = 60  # requests for other tools that are asked
TAUGHT_SEED, ASKED_SEED = 1, 2
LONGEST = 1536  # tokens of a lesson
BESIDE = 256  # tokens of a row beside its system prompt: about as many lessons as a step should have


@dataclass(frozen=True, slots=True)
class Lesson:
    """What to learn: see the command's options. recipe.tokens of 0: as the lessons ask for."""

    name: str
    rows: tuple[dict[str, Any], ...]
    base: Path
    recipe: Recipe
    load: Load = "auto"
    rehearse: int = 120
    threads: int = 0


def learn(lesson: Lesson, settings: Settings, say: Callable[[str], None]) -> bool:
    """Do LESSON; whether its adapter was kept. Raises YanrayError."""
    if len(lesson.rows) < LEAST:
        raise DataError(
            f"{len(lesson.rows)} turns to learn from: at least {LEAST} are needed; mark answers in a chat "
            "with /good and /fix, or give --data a file with more"
        )
    folder = home("data") / "learn" / lesson.name
    taught, asked = split(lesson.rows)
    box = open_toolbox(settings)
    tools, grammar = box.specs, CommandGrammar(box.grammar())
    box.close()
    others = rehearsal.rows(tools, OTHERS, ASKED_SEED, settings.system)
    files = {"lessons": taught, "held-out": asked, "others": others}
    files["rehearsal"] = rehearsal.rows(tools, lesson.rehearse, TAUGHT_SEED, settings.system)
    for name, rows in files.items():
        write_rows(folder / f"{name}.jsonl", rows)
    say(f"{len(taught)} to learn, {len(asked)} held out, {lesson.rehearse} rehearsed; all in {folder}")
    exam = (_questions(asked), _questions(others))

    def examine(names: Sequence[Lora]) -> tuple[Marks, Marks]:
        plain = settings.model_copy(update={"adapters": []})
        core = open_core(lesson.base, plain)
        try:
            core.adapt(list(names))
            held, rest = (ask(core, questions, tools, grammar) for questions in exam)
        finally:
            core.close()
        return held, rest

    before = examine([])
    out = adapters.own_folder() / f"{lesson.name}.new"
    shutil.rmtree(out, ignore_errors=True)
    train(_work(lesson, folder, out), say)
    made = adapters.read(out)
    after = examine([as_lora(made)])
    for line in table(before, after):
        say(line)
    return _judge(lesson, out, better(before, after), say)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows in PATH. Raises DataError naming the line that cannot be learnt from."""
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"--data {path}: cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
                _conversation(row)
            except (ValueError, Broken) as error:
                raise DataError(f"--data {path} line {number}: {error}; mend it or take it out") from None
            rows.append(row)
    return rows


def _work(lesson: Lesson, folder: Path, out: Path) -> Work:
    """The training of LESSON's adapter, in rows as long as its lessons ask for."""
    data = (folder / "lessons.jsonl", folder / "rehearsal.jsonl")
    recipe = lesson.recipe
    if not recipe.tokens:
        base = open_base(lesson.base, lesson.load)
        renderer = Renderer(base.vocabulary, base.template)
        examples, _ = read_examples(data, renderer, min(LONGEST, base.context))
        heads = max((each.head for each in examples), default=0)
        longest = max((len(each.ids) for each in examples), default=0)
        recipe = replace(recipe, tokens=max(heads + BESIDE, longest))
    purpose = f"learnt from {len(lesson.rows)} turns"
    return Work(lesson.base, data, out, recipe, lesson.load, purpose, threads=lesson.threads)


def _judge(lesson: Lesson, out: Path, reason: str, say: Callable[[str], None]) -> bool:
    if reason:
        shutil.rmtree(out)
        say(f"not kept: {reason}")
        return False
    target = out.with_name(lesson.name)
    shutil.rmtree(target, ignore_errors=True)
    out.rename(target)
    say(f"kept: {target}; yanray adapters use {lesson.name} puts it on")
    return True


def _questions(rows: Sequence[dict[str, Any]]) -> list[Question]:
    return [question(_conversation(row)) for row in rows]


def _conversation(row: Any) -> Conversation:
    _, value = parse(row)
    if isinstance(value, str):
        raise Broken("a text; give conversations")
    return value
