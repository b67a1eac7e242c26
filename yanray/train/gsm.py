"""GSM8K's training problems (MIT licence), each as one expression, and again with other numbers and names.

A solution marks its steps as `<<48/2=24>>`. The steps are put into one another until the last one is a single
expression over the problem's own numbers; what does not give the stated answer exactly is left out. Only the
training part is read.
"""

from __future__ import annotations

import ast
import json
import lzma
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

from yanray.train.numerals import english
from yanray.train.question import Question, evaluate, plain, shown
from yanray.train.scene_en import name_like

FILE = "gsm8k_train.jsonl.xz"
_LONGEST = 80  # characters of an expression; longer ones are accounts, not formulas
_STEP = re.compile(r"<<([-+*/(). \d]+)=([-\d.]+)>>")
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_IN_TEXT = re.compile(
    r"(?<![\d.,:/\w-])\d{1,3}(?:,\d{3})+(?![\d:/\w])|(?<![\d.,:/\w-])\d+(?:\.\d+)?(?![\d:/\w]|,\d|\.\d|-\w)"
)
_RATE = re.compile(r"(?<![*/\d.])(?:\((\d+(?:\.\d+)?)/100\)|(\d+(?:\.\d+)?)/100)\*(?=[\d(])")
_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|\.\d+")
_WORD = re.compile(r"[A-Z][a-z]+")
_HABITUAL = frozenset(
    map(Fraction, (1, 2, 4, 7, 12, 24, 30, 50, 52, 60, 100, 365, 1000))
)  # may be meant, not told
_TRIES = 12
_MEANT: dict[int, str] = {
    1: r"",
    2: r"half|halves|twice|double|both|pair|couple|weekend|second|two|each way|round",
    3: r"third|triple|thrice|three",
    4: r"quarter|fourth|four|month|square",
    5: r"fifth|five|weekday|nickel",
    6: r"sixth|six",
    7: r"week|seventh|seven|daily|every day",
    8: r"eighth|eight",
    9: r"ninth|nine",
    10: r"tenth|ten\b|dime|decade",
    11: r"eleven",
    12: r"dozen|twelve|year|month|foot|feet|annual",
    24: r"day|hour",
    25: r"quarter",
    30: r"month|June|April|November|September|half",
    52: r"year|week",
    60: r"hour|minute|second",
    100: r"%|percent|cent|meter|century|\$",
    365: r"year",
    1000: r"kilo|thousand|km|kg|liter",
}  # numbers that a text may mean by a word


@dataclass(frozen=True)
class Problem:
    """A problem and its expression. free: the numbers that can be changed, by their digits, with their place
    in TEXT.
    """

    text: str
    expression: str
    free: tuple[tuple[str, int, int], ...]


def questions(data_dir: Path) -> list[Question]:
    """All problems whose steps make one expression. Raises OSError when DATA_DIR lacks the file."""
    return [_question(problem.text, problem.expression) for problem in problems(data_dir)]


def generator(data_dir: Path) -> Callable[[Random], Question]:
    """An endless source: a third as they stand, the others with new numbers and names where that can be."""
    known = problems(data_dir)

    def question(rng: Random) -> Question:
        problem = rng.choice(known)
        if rng.random() < 1 / 3:
            return _question(problem.text, problem.expression)
        return varied(problem, rng)

    return question


def problems(data_dir: Path) -> list[Problem]:
    """The problems, in the file's order."""
    with lzma.open(data_dir / FILE, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = (_problem(row["question"], row["answer"]) for row in rows)
    return [problem for problem in found if problem is not None]


def _question(text: str, expression: str) -> Question:
    if "%" in text or "percent" in text:
        expression = _RATE.sub(lambda match: f"{match[1] or match[2]}% of ", expression)
    answer = shown(evaluate(expression))
    return Question(text, expression, answer, f"The answer is {answer}.", "en")


def _problem(text: str, solution: str) -> Problem | None:
    text = " ".join(text.split())
    answer = solution.rpartition("####")[2].strip().replace(",", "")
    told = {Fraction(match.group().replace(",", "")) for match in _FIGURE.finditer(text)}
    try:
        expression, sure = _nested(_STEP.findall(solution), told)
        right = bool(expression) and evaluate(expression) == plain(Fraction(answer))
    except (ValueError, ZeroDivisionError):
        return None
    if not right or len(expression) > _LONGEST:
        return None
    expression = _NUMBER.sub(lambda match: _percent(match.group(), told, text), expression)
    if not all(_is_told(Fraction(digits), told, text) for digits in _NUMBER.findall(expression)):
        return None
    return Problem(text, expression, _free(text, expression) if sure else ())


def _is_told(value: Fraction, told: set[Fraction], text: str) -> bool:
    """Whether TEXT tells VALUE: in figures, or by a word."""
    if value in told:
        return True
    words = _MEANT.get(int(value)) if value.denominator == 1 else None
    if words is not None and re.search(words, text, re.IGNORECASE):
        return True
    return value.denominator == 1 and 10 < value < 100 and english(int(value)) in text.lower()


def _percent(digits: str, told: set[Fraction], text: str) -> str:
    """`0.2` as `20/100` where the text says `20%`: the calculator is given the numbers that stand there."""
    value = Fraction(digits)
    per = value * 100
    if value in told or value.denominator == 1 or per not in told or not re.search(r"%|percent", text):
        return digits
    return f"({shown(plain(per))}/100)"


def _nested(steps: list[tuple[str, str]], told: set[Fraction]) -> tuple[str, bool]:
    """The last step, with the results of earlier steps replaced by what they were worked out from.

    Also whether every such place is sure: the same number may be told, or be meant, and be a result besides.
    """
    known: dict[Fraction, str] = {}
    used: set[Fraction] = set()
    expression, sure = "", True

    def put(match: re.Match[str]) -> str:
        nonlocal sure
        value = Fraction(match.group())
        both = value in known and (value in told or value in _HABITUAL)
        sure = sure and not both
        if value not in known or (both and value in used):
            return f"0{match.group()}" if match.group().startswith(".") else match.group()
        used.add(value)
        return f"({known[value]})"

    for source, result in steps:
        expression = _NUMBER.sub(put, source.replace(" ", ""))
        known[Fraction(result)] = expression
    return _tidy(expression) if expression else "", sure


def _tidy(expression: str) -> str:
    """EXPRESSION without needless brackets."""
    return ast.unparse(ast.parse(expression, mode="eval")).replace(" ", "")


def _free(text: str, expression: str) -> tuple[tuple[str, int, int], ...]:
    """Numbers that stand once in the text, once as told, and that the expression names."""
    leaves = {Fraction(digits) for digits in _NUMBER.findall(expression)} - _HABITUAL
    values = [Fraction(match.group().replace(",", "")) for match in _FIGURE.finditer(text)]
    told = [(match.group().replace(",", ""), *match.span()) for match in _IN_TEXT.finditer(text)]
    return tuple(
        number
        for number in told
        if number[0].isdigit() and Fraction(number[0]) in leaves and values.count(Fraction(number[0])) == 1
    )


def varied(problem: Problem, rng: Random) -> Question:
    """PROBLEM with other names, and with other numbers when some are found that work out as well."""
    text, expression = problem.text, problem.expression
    for _ in range(_TRIES if problem.free else 0):
        fresh = {digits: _other(int(digits), rng) for digits, _, _ in problem.free}
        changed = _swapped(expression, fresh)
        if _as_tidy(changed, expression):
            for digits, start, end in reversed(problem.free):
                text = text[:start] + fresh[digits] + text[end:]
            expression = changed
            break
    return _question(_renamed(text, rng), expression)


def _swapped(expression: str, fresh: dict[str, str]) -> str:
    return _NUMBER.sub(lambda match: fresh.get(match.group(), match.group()), expression)


def _other(value: int, rng: Random) -> str:
    """A number of about the same size and roundness."""
    step = next(step for step in (100, 50, 10, 5, 1) if value % step == 0)
    low = max(1, value // (2 * step))
    return str(step * rng.randint(low, max(low + 2, 2 * value // step)))


def _as_tidy(expression: str, model: str) -> bool:
    """Whether each step of EXPRESSION is positive, and whole or of few decimals where that of MODEL is."""
    steps = zip(ast.walk(ast.parse(expression)), ast.walk(ast.parse(model)), strict=True)
    try:
        for step, model_step in steps:
            if isinstance(step, ast.BinOp):
                value, before = evaluate(ast.unparse(step)), evaluate(ast.unparse(model_step))
                if value <= 0 or (isinstance(before, int) and not isinstance(value, int)):
                    return False
    except ZeroDivisionError:
        return False
    return isinstance(evaluate(expression), int)


def _renamed(text: str, rng: Random) -> str:
    """Each known first name becomes another of the same pronoun."""
    words = set(_WORD.findall(text))
    names = {word: fresh for word in sorted(words) if (fresh := name_like(word, rng)) and fresh not in words}
    if len(set(names.values())) < len(names):
        return text
    return _WORD.sub(lambda match: names.get(match.group(), match.group()), text)
