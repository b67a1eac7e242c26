"""Word problems of gsm8k's training split whose marked steps compose into one expression.

A row's answer marks each step (`<<48/2=24>>`); a later step's number that is an earlier step's result, and
that the problem does not tell, is replaced by that step. Rows that miss the stated answer are left out.
"""

from __future__ import annotations

import ast
import json
import lzma
import re
from functools import lru_cache
from pathlib import Path

from yanray.train.question import Question, evaluate, shown

FILE = "gsm8k_train.jsonl.xz"
LONGEST = 60  # characters of an expression: longer ones are more than a small model writes in one go
_STEP = re.compile(r"<<([^=<>]+)=([^<>]+)>>")
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?|(?<![\d.])\.\d+")
_SUM = re.compile(r"[\d.+\-*/() ]+")
_ALONE = re.compile(r"[\d.]+")


def expression(problem: str, answer: str) -> str | None:
    """The one expression for PROBLEM, or None when the steps in ANSWER do not compose."""
    known: dict[str, str] = {}
    told = set(_NUMBER.findall(problem.replace(",", "")))
    whole = ""
    for step, value in _STEP.findall(answer.replace("$", "").replace(",", "")):
        step = step.replace(" ", "")
        if not _SUM.fullmatch(step):
            return None
        whole = _NUMBER.sub(lambda match: _put_in(match[0], known, told), step)
        known[value.strip().lstrip("+")] = whole
    whole = _plain(whole)
    return whole if whole and len(whole) <= LONGEST and _right(whole, answer) else None


def _plain(whole: str) -> str:
    """WHOLE without needless brackets, its numbers written as before; empty when it does not parse."""
    numbers = _NUMBER.findall(whole)
    count = iter(range(len(numbers)))
    try:
        tree = ast.parse(_NUMBER.sub(lambda _: f"n{next(count)}_", whole), mode="eval")
    except SyntaxError:
        return ""
    text = ast.unparse(tree).replace(" ", "")
    for index, number in enumerate(numbers):
        text = text.replace(f"n{index}_", number)
    return text


def _put_in(number: str, known: dict[str, str], told: set[str]) -> str:
    if number in known and number not in told:
        return known[number] if _ALONE.fullmatch(known[number]) else f"({known[number]})"
    return number


def _right(whole: str, answer: str) -> bool:
    """Whether WHOLE comes to what stands after `####`."""
    wanted = answer.rpartition("####")[2].strip().replace(",", "").replace("$", "")
    try:
        return shown(evaluate(whole)) == wanted
    except (ValueError, ZeroDivisionError, SyntaxError):
        return False


@lru_cache(maxsize=1)
def problems(folder: Path | None) -> tuple[Question, ...]:
    """The problems that compose; none when FOLDER is None or lacks the file."""
    if not folder or not (folder / FILE).is_file():
        return ()
    found = []
    with lzma.open(folder / FILE, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            whole = expression(row["question"], row["answer"])
            if whole:
                value = shown(evaluate(whole))
                found.append(Question(row["question"].strip(), whole, value, f"The answer is {value}.", "en"))
    return tuple(found)
