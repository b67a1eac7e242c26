"""The sums and word problems that the training shows: right, the same from one seed, and of many shapes."""

from __future__ import annotations

import json
import lzma
import random
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest
from shipped_tools import load

from yanray.train import arithmetic, gsm, problems_en, problems_zh, scene_en, scene_zh, situations, stories
from yanray.train.numerals import english, english_decimal, han, han_decimal
from yanray.train.phrasing import write
from yanray.train.quantity import Story, render
from yanray.train.question import Question, evaluate, printed, shown

Ask = Callable[[random.Random], Question]
SOURCES: dict[str, Ask] = {
    "arithmetic-en": lambda rng: arithmetic.question(rng, "en"),
    "arithmetic-zh": lambda rng: arithmetic.question(rng, "zh"),
    "problems-en": problems_en.question,
    "problems-zh": problems_zh.question,
}
DATA = Path(__file__).parent.parent / "data"
UNSAID = {16, 24, 25, 30, 60, 90, 99, 100, 180, 365, 999, 1000, 10000}  # what a unit or a word means
FIGURES = re.compile(r"\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def calculate() -> ModuleType:
    return load("calculate")


def drawn(name: str, count: int, seed: int = 1) -> list[Question]:
    rng = random.Random(seed)
    return [SOURCES[name](rng) for _ in range(count)]


@pytest.mark.parametrize("name", SOURCES)
def test_the_shipped_calculator_prints_the_answer(name: str, calculate: ModuleType) -> None:
    for question in drawn(name, 400):
        assert calculate.run(question.expression) == question.answer, question


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_shipped_calculator_agrees_on_everyday_sums(lang: str, calculate: ModuleType) -> None:
    rng = random.Random(6)
    for question in (situations.question(rng, lang) for _ in range(2000)):
        assert calculate.run(question.expression) == question.answer, question


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_line_of_the_stories_draws_problems(lang: str, calculate: ModuleType) -> None:
    """Twenty of each without fault, whole or with two decimals; the calculator prints the answer."""
    scene = {"en": scene_en, "zh": scene_zh}[lang].scene
    for line in stories.lines(lang):
        for seed in range(20):
            rng = random.Random(seed)
            story = Story(rng, lang)
            told = stories.tell(rng, story, scene, line)
            asked = story.finish(" ".join([*told.sentences, told.question]), told.asked, told.say)
        assert calculate.run(asked.expression) == asked.answer, line
        assert not re.search(r"[{}|<>\[\]\ue000-\uf8ff]", asked.text), asked


def test_a_line_of_the_stories_that_is_none_names_its_place(tmp_path: Path) -> None:
    table = tmp_path / "story.txt"
    table.write_text("{A} has {n1} {o}. How many? => n1+n2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"story\.txt, line 1: .*names a number that is not told"):
        stories.load(table)


@pytest.mark.parametrize("name", SOURCES)
def test_the_answer_is_what_the_expression_is_worth(name: str) -> None:
    for question in drawn(name, 3000, seed=2):
        number = question.answer.rpartition(" = ")[2].removeprefix("about ")
        assert shown(evaluate(question.expression)) == number, question


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_left_unfilled(name: str) -> None:
    for question in drawn(name, 3000, seed=3):
        whole = question.text + question.expression + question.say
        assert not re.search(r"[{}|\[\]\ue000-\uf8ff]", whole), question
        assert question.text == question.text.strip() and "  " not in question.say, question
        assert question.lang == name[-2:]


@pytest.mark.parametrize("name", ["problems-en", "problems-zh"])
def test_the_answer_is_said(name: str) -> None:
    for question in drawn(name, 1000, seed=4):
        said = [Fraction(figure.replace(",", "")) for figure in FIGURES.findall(question.say)]
        assert Fraction(question.answer) in said, question
        assert Fraction(question.answer) > 0


@pytest.mark.parametrize("name", ["problems-en", "problems-zh"])
def test_an_expression_names_the_numbers_of_the_text(name: str) -> None:
    """All but the few that a word means: half, twice, a week, both ends."""
    missing = 0
    questions = drawn(name, 2000, seed=5)
    for question in questions:
        told = {Fraction(figure.replace(",", "")) for figure in FIGURES.findall(question.text)}
        spelt = english if question.lang == "en" else lambda number: han(number, counting=True)
        for figure in FIGURES.findall(question.expression):
            number = Fraction(figure)
            words = spelt(int(number)) if number.denominator == 1 and number < 1000 else "-"
            said = number in told or number in UNSAID or words in question.text.lower()
            missing += number > 12 and not said
    assert missing < 0.05 * len(questions)


@pytest.mark.parametrize("name", SOURCES)
def test_another_process_draws_the_same(name: str) -> None:
    code = (
        "import random\n"
        "from yanray.train import arithmetic, problems_en, problems_zh\n"
        f"kind, lang = {name!r}.split('-')\n"
        "rng = random.Random(7)\n"
        "ask = {'en': problems_en, 'zh': problems_zh}[lang].question\n"
        "for _ in range(300):\n"
        "    print(ascii(arithmetic.question(rng, lang) if kind == 'arithmetic' else ask(rng)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [ascii(question) for question in drawn(name, 300, seed=7)]


def skeleton(text: str) -> str:
    """TEXT without its numbers, names and things: what is left is how it is told."""
    text = re.sub(r"[\d.,]+", "0", text.lower())
    known = _known_words()
    return " ".join("_" if word in known else word for word in re.findall(r"[a-z'-]+|0|[^\sa-z0]", text))


def _known_words() -> frozenset[str]:
    tables = Path(problems_en.__file__).parent / "tables"
    words = " ".join((tables / f"{kind}_en.txt").read_text(encoding="utf-8") for kind in ("things", "people"))
    numbers = " ".join(english(number, hyphen=False) for number in range(100))
    plain = set(re.findall(r"[a-z-]+", (words + numbers).lower()))
    return frozenset(plain | {word + "s" for word in plain} | {english(number) for number in range(100)})


@pytest.mark.parametrize(
    ("name", "least"),
    [("arithmetic-en", 0.3), ("problems-en", 0.55), ("arithmetic-zh", 0.3), ("problems-zh", 0.6)],
)
def test_many_shapes(name: str, least: float) -> None:
    """The share of texts that are told in a way of their own, once numbers, names and things are masked."""
    questions = drawn(name, 4000, seed=8)
    shapes = {skeleton(question.text) for question in questions}
    assert len(shapes) > least * len(questions), len(shapes)


def test_more_does_not_always_add() -> None:
    """The keyword misleads as often as it helps."""
    texts = [question for question in drawn("problems-en", 6000, seed=9) if " more " in question.text]
    adds = sum("+" in question.expression and "-" not in question.expression for question in texts)
    assert 0.15 < adds / len(texts) < 0.6


def test_numbers_without_a_part_are_told() -> None:
    def idle(question: Question) -> bool:
        return len(FIGURES.findall(question.text)) > len(FIGURES.findall(question.expression))

    questions = drawn("problems-en", 3000, seed=10)
    assert sum(map(idle, questions)) > 0.08 * len(questions)


@pytest.mark.parametrize("name", ["arithmetic_en", "arithmetic_zh", "problems_en", "problems_zh"])
def test_no_training_text_is_in_the_measure(name: str) -> None:
    kept = {
        json.loads(line)["prompt"].lower()
        for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    }
    made = {question.text.lower() for question in drawn(name.replace("_", "-"), 5000, seed=11)}
    assert len(kept & made) <= 2  # `45 + 55 =` can hardly be asked otherwise


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "zero"), (21, "twenty-one"), (105, "one hundred and five"), (2012, "two thousand and twelve")],
)
def test_english_words(number: int, words: str) -> None:
    assert english(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2, "两"),
        (20, "二十"),
        (205, "两百零五"),
        (10015, "一万零一十五"),
        (1_2000_0500, "一亿两千万零五百"),
        (-3, "负三"),
    ],
)
def test_chinese_words(number: int, words: str) -> None:
    assert han(number, counting=True) == words


def test_decimals_in_words() -> None:
    assert english_decimal("3.05") == "three point zero five"
    assert han_decimal("12.5") == "十二点五"


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("1/3", "1/3 = 0.333333333333"),
        ("80-25%", "60"),
        ("15% of 68", "10.2"),
        ("ceil(130/40)", "4"),
        ("5!", "120"),
    ],
)
def test_what_the_calculator_prints(expression: str, answer: str, calculate: ModuleType) -> None:
    assert printed(evaluate(expression)) == calculate.run(expression) == answer


@pytest.mark.parametrize("expression", ["__import__('os')", "1 if 2 else 3", "2 +", "sqrt", "x*2"])
def test_only_arithmetic_is_evaluated(expression: str) -> None:
    with pytest.raises(ValueError):
        evaluate(expression)


def test_sums_and_products_name_numbers_in_the_order_of_the_text() -> None:
    story = Story(random.Random(0), "en")
    a, b, c = story.tell("7"), story.tell("3"), story.tell("20")
    order = {b.mark: 0, c.mark: 5, a.mark: 9}
    assert render(c - (a + b), order) == "20-(3+7)"
    assert render((a - b) * c, order) == "(7-3)*20"
    assert render(c / (a * b), order) == "20/(3*7)"


def test_choices_nest() -> None:
    texts = {
        write("{A} [gave|handed [over|out]] it", random.Random(seed), {"A": "Ann"}) for seed in range(40)
    }
    assert texts == {"Ann gave it", "Ann handed over it", "Ann handed out it"}


def gsm_file(folder: Path, *rows: tuple[str, str]) -> Path:
    text = "".join(json.dumps({"question": question, "answer": answer}) + "\n" for question, answer in rows)
    (folder / gsm.FILE).write_bytes(lzma.compress(text.encode()))
    return folder


SOLD = (
    "Natalia sold 48 clips in April, and then half as many in May. How many did Natalia sell altogether?",
    "In May <<48/2=24>>24. Altogether <<48+24=72>>72.\n#### 72",
)


def test_steps_become_one_expression(tmp_path: Path) -> None:
    (question,) = gsm.questions(gsm_file(tmp_path, SOLD))
    assert (question.expression, question.answer) == ("48+48/2", "72")


@pytest.mark.parametrize(
    ("text", "solution"),
    [
        ("Bo has 5 and gets 3.", "<<5+3=8>>8\n#### 9"),  # does not give the answer
        ("Bo has 5 and gets 3.", "He has 8.\n#### 8"),  # no steps
        ("Bo has 5 and gets 3.", "<<5+23=28>>28\n#### 28"),  # a number from nowhere
    ],
)
def test_what_is_not_sure_is_left_out(text: str, solution: str, tmp_path: Path) -> None:
    assert gsm.questions(gsm_file(tmp_path, (text, solution))) == []


def test_new_numbers_keep_the_sum_right(tmp_path: Path) -> None:
    ask = gsm.generator(gsm_file(tmp_path, SOLD))
    rng = random.Random(3)
    for question in (ask(rng) for _ in range(50)):
        (clips,) = FIGURES.findall(question.text)
        assert question.expression == f"{clips}+{clips}/2"
        assert int(question.answer) * 2 == int(clips) * 3
