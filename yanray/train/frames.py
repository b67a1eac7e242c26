"""Word problems from frames: quantities that hang together, how each is told, how each is asked for.

A frame is a block of a plain text table:

    == orchard                     its name
    draw a=3..40 b=2..12 t=a*b     the numbers: a range, or worked out from the others
    set {A} looks after an orchard a sentence without numbers (may be left out; one of several lines)
    with unit=metres do=digs       words that go together, for slots of their own; one of several lines
    use fruit                      the kind of things that {o} may be
    ab: There are {a} rows of ...  tells a and b together; several lines are choices
    t: There are {t} trees in all
    t? How many trees are there?   asks for t
    t= a*b                         how t follows from the numbers told
    t! There are {n} trees.        the answer; {n} is the number

What is asked is drawn too: the text then tells exactly the numbers that the expression needs, and sometimes
one more that has no part in it (a number that follows from nothing and that the expression does not name).

Ranges: `3..40`, `10..90:5` in steps, `$2..30` money (sometimes with cents), `0.5~9.5` one decimal, `2|4|5` a
choice. A worked out number must come out whole; `t$=` allows cents, `t~=` up to two decimals. `up(a,b)` and
`down(a,b)` are the groups of b that hold a; `of(p,t)` is p per cent of t, `less(t,p)` and `plus(t,p)` are t
without and with them. `need a>b` redraws until it is so. `order` keeps the sentences in the order of the
table.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from yanray.train.draws import Draw, Drawn, Need, draw_all, read_draw, read_need
from yanray.train.numerals import english, english_part, han
from yanray.train.phrasing import pick, write
from yanray.train.quantity import Quantity, Story, constant, rounded_down, rounded_up
from yanray.train.question import is_short, shown

_LINE = re.compile(r"([a-z]+)([:?=!]) ?(.*)")
_LEANS = re.compile(
    r"^(it|they|then|this|that|for|in the first|from each|so far|after|such|besides|with|only)\b"
    r"|^the (result|others?|rest|second)\b"
    r"|\bof (them|these|it)\b|\bthe (others|rest)\b|其中|其余|剩|每人|再|又|现在|后来|平均|这"
    r"|^(宽|长\{|高|付了|给了|超过|售价|正好|占|经过|行了|看了|用了|卖出|用去|已经|照这样|\{(did|part|do|he|b)\})"
)  # a sentence that cannot stand first
_SIGNS: dict[type[ast.operator], Callable[[Quantity, Quantity], Quantity]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: dict[str, Callable[[Quantity, Quantity], Quantity]] = {
    "up": rounded_up,
    "down": rounded_down,
    "of": Quantity.of,
    "less": Quantity.less,
    "plus": Quantity.plus,
}
Numbers = Mapping[str, Quantity]


@dataclass
class Asked:
    """How one number is asked for: the question, what it follows from, the sentence that answers."""

    questions: list[str] = field(default_factory=list)
    expressions: list[ast.expr] = field(default_factory=list)
    says: list[str] = field(default_factory=list)


@dataclass
class Frame:
    """One block of a table."""

    name: str
    draws: list[Draw] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    variants: list[dict[str, str]] = field(default_factory=list)
    use: str = ""
    ordered: bool = False
    tells: dict[str, list[str]] = field(default_factory=dict)
    asks: dict[str, Asked] = field(default_factory=dict)

    def derived(self) -> set[str]:
        """The numbers that follow from others."""
        return {draw.name for draw in self.draws if draw.formula is not None} | set(self.asks)


@dataclass(frozen=True)
class Told:
    """A problem in parts: the sentences without their full stops, the question, what is asked, the answer,
    and the slots with which all were written, for what else may be told of the same people."""

    setting: str
    sentences: list[str]
    question: str
    asked: Quantity
    say: str
    slots: dict[str, object]


def load(path: Path) -> tuple[Frame, ...]:
    """All frames of the table at PATH. Raises ValueError, with the line, for a line that is none."""
    frames: list[Frame] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        if line.startswith("=="):
            frames.append(Frame(line[2:].strip()))
        elif line and not line.startswith("#"):
            try:
                _read(frames[-1], line)
            except (IndexError, SyntaxError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {line!r}: {error}") from error
    return tuple(frames)


def _read(frame: Frame, line: str) -> None:
    word, _, rest = line.partition(" ")
    if word == "draw":
        frame.draws.extend(read_draw(token) for token in rest.split())
    elif word == "need":
        frame.needs.extend(read_need(token) for token in rest.split())
    elif word == "set":
        frame.settings.append(rest)
    elif word == "with":
        frame.variants.append(dict(pair.split("=", 1) for pair in re.split(r"\s+(?=\w+=)", rest)))
    elif word == "use":
        frame.use = rest
    elif word == "order":
        frame.ordered = True
    else:
        _read_number(frame, line)


def _read_number(frame: Frame, line: str) -> None:
    match = _LINE.fullmatch(line)
    if not match:
        raise ValueError("neither a number's line nor draw, need, set, use, order")
    key, kind, rest = match.groups()
    if kind == ":":
        frame.tells.setdefault(key, []).append(rest)
        return
    asked = frame.asks.setdefault(key, Asked())
    if kind == "?":
        asked.questions.append(rest)
    elif kind == "!":
        asked.says.append(rest)
    else:
        asked.expressions.append(ast.parse(rest, mode="eval").body)


def tell(frame: Frame, rng: Random, story: Story, slots: dict[str, object]) -> Told:
    """FRAME with fresh numbers. SLOTS has the people and things; the numbers are added to it.

    Raises ValueError when no numbers fit, which a table should not do often.
    """
    numbers = _numbers(frame, rng, story)
    name = rng.choice(list(frame.asks))
    asked = frame.asks[name]
    tree = rng.choice(asked.expressions)
    result = build(tree, numbers)
    money = any(draw.name == name and draw.kind == "$" for draw in frame.draws)
    if name in numbers and result.value != numbers[name].value:
        raise ValueError(f"{frame.name}: {name} is told as {numbers[name].value} and asked as {result.value}")
    if result.value <= 0 or not is_short(result.value, 2):
        raise ValueError(f"{frame.name}: an answer that nobody would ask for")
    slots.update(numbers)
    if frame.variants:
        slots.update({key: write(word, rng, slots) for key, word in rng.choice(frame.variants).items()})
    needed = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & set(numbers)
    question = rng.choice(asked.questions)
    wanted = needed | {node for node in _free(frame, needed, name) if rng.random() < 0.4}
    wanted -= set(re.findall(r"\{([a-z])\}", question))
    sentences = [write(template, rng, slots) for template in _templates(frame, rng, wanted)]
    setting = pick(rng, frame.settings, slots) if frame.settings else ""
    question = write(question, rng, slots)
    slots["n"] = (
        f"{float(result.value):.2f}" if money and not isinstance(result.value, int) else shown(result.value)
    )
    return Told(setting, sentences, question, result, pick(rng, asked.says, slots), slots)


def _free(frame: Frame, needed: set[str], asked: str) -> list[str]:
    """Numbers that may be told without any part in the answer."""
    away = frame.derived() | needed | {asked}
    return [draw.name for draw in frame.draws if draw.name in frame.tells and draw.name not in away]


def _templates(frame: Frame, rng: Random, wanted: set[str]) -> list[str]:
    """Sentences that tell WANTED: in the table's order, or mixed where the first does not lean on another."""
    keys = _cover(frame, rng, wanted)
    chosen = [rng.choice(frame.tells[key]) for key in keys]
    if chosen and (frame.ordered or rng.random() < 0.6 or _LEANS.search(chosen[0])):
        seen = "".join(frame.tells)
        order = sorted(range(len(keys)), key=lambda place: min(map(seen.index, keys[place])))
        return [chosen[place] for place in order]
    return chosen


def _cover(frame: Frame, rng: Random, wanted: set[str]) -> list[str]:
    """Keys of sentences that tell all of WANTED, each number once."""
    keys = list(frame.tells)
    tried = sorted(keys, key=lambda key: rng.random() - 0.35 * len(key))
    left = set(wanted)
    chosen = []
    for key in tried:
        if left.issuperset(key):
            chosen.append(key)
            left -= set(key)
    if left:
        raise ValueError(f"{frame.name}: nothing tells {sorted(left)}")
    return chosen


def _numbers(frame: Frame, rng: Random, story: Story) -> dict[str, Quantity]:
    drawn = draw_all(frame.draws, frame.needs, rng)
    if drawn is None:
        raise ValueError(f"{frame.name}: no numbers fit")
    return {name: told_number(story, number) for name, number in drawn.items()}


def told_number(story: Story, number: Drawn) -> Quantity:
    """NUMBER for the text of STORY."""
    value = number.value
    if isinstance(value, str) and "/" in value:
        over, _, under = value.partition("/")
        return story.fraction(int(over), int(under), _spelt_fraction(story, int(over), int(under)))
    return story.tell(value, wordy=number.wordy)


def _spelt_fraction(story: Story, over: int, under: int) -> str:
    """`3/4`, or in half of all stories `three quarters`, `四分之三`."""
    if story.rng.random() < 0.5:
        return f"{over}/{under}"
    if story.lang == "zh":
        return f"{han(under)}分之{han(over)}"
    if over == 1:
        return "half" if under == 2 else f"a {english_part(under, False)}"
    return f"{english(over)} {english_part(under, True)}"


def build(tree: ast.expr, numbers: Numbers) -> Quantity:
    """The quantity that TREE describes over NUMBERS. Raises ValueError for what no table should say."""
    if isinstance(tree, ast.Name):
        return numbers[tree.id]
    if isinstance(tree, ast.Constant):
        return constant(tree.value if isinstance(tree.value, int) else str(tree.value))
    if isinstance(tree, ast.BinOp):
        left, right = build(tree.left, numbers), build(tree.right, numbers)
        return _SIGNS[type(tree.op)](left, right)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in _FUNCTIONS:
        first, second = (build(argument, numbers) for argument in tree.args)
        return _FUNCTIONS[tree.func.id](first, second)
    raise ValueError(f"a table cannot say {ast.dump(tree)}")
