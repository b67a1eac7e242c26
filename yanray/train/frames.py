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

What is asked is drawn too: the text then tells exactly the numbers that the expression needs, and sometimes one more
that has no part in it (a number that follows from nothing and that the expression does not name).

Ranges: `3..40`, `10..90:5` in steps, `$2..30` money (sometimes with cents), `0.5~9.5` one decimal, `2|4|5` a choice.
A worked out number must come out whole; `t$=` allows cents, `t~=` up to two decimals. `up(a,b)` and `down(a,b)` are the
groups of b that hold a. `need a>b` redraws until it is so. `order` keeps the sentences in the order of the table.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from yanray.train.numerals import english, english_part, han
from yanray.train.phrasing import pick, write
from yanray.train.quantity import Quantity, Story, constant, rounded_down, rounded_up
from yanray.train.question import Value, is_short, shown

_LINE = re.compile(r"([a-z]+)([:?=!]) ?(.*)")
_DRAW = re.compile(r"([a-z])([$~]?)=(.*)")
_TRIES = 60
_LEANS = re.compile(
    r"^(it|they|then|this|that|from each|so far|after|such|besides|with|only|the (result|others?|rest|second))\b"
    r"|\bof (them|these|it)\b|\bthe (others|rest)\b|其中|其余|剩|每人|再|又|现在|后来|平均|这"
    r"|^(宽|长\{|高|付了|给了|超过|售价|正好|占|经过|行了|看了|用了|已经|照这样|\{(did|part|do|he|b)\})"
)  # a sentence that cannot stand first
_COMPARE: dict[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.NotEq: operator.ne,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
}
_SIGNS: dict[type[ast.operator], Callable[[Quantity, Quantity], Quantity]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
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
    draws: list[tuple[str, str, str, ast.expr | None]] = field(default_factory=list)
    needs: list[ast.Compare] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    variants: list[dict[str, str]] = field(default_factory=list)
    use: str = ""
    ordered: bool = False
    tells: dict[str, list[str]] = field(default_factory=dict)
    asks: dict[str, Asked] = field(default_factory=dict)

    def derived(self) -> set[str]:
        """The numbers that follow from others."""
        return {name for name, _, _, tree in self.draws if tree is not None} | set(self.asks)


@dataclass(frozen=True)
class Told:
    """A problem in parts: the sentences without their full stops, the question, what is asked, and the answer."""

    setting: str
    sentences: list[str]
    question: str
    asked: Quantity
    say: str


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
        frame.draws.extend(_draw(token) for token in rest.split())
    elif word == "need":
        frame.needs.extend(_compare(token) for token in rest.split())
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


def _draw(token: str) -> tuple[str, str, str, ast.expr | None]:
    match = _DRAW.fullmatch(token)
    if not match:
        raise ValueError(f"{token!r} draws nothing")
    name, kind, rule = match.groups()
    if ".." in rule or "~" in rule or "|" in rule:
        return name, "$" if rule[0] == "$" else kind, rule.lstrip("$"), None
    return name, kind, "", ast.parse(rule, mode="eval").body


def _compare(token: str) -> ast.Compare:
    tree = ast.parse(token, mode="eval").body
    if not isinstance(tree, ast.Compare):
        raise ValueError(f"{token!r} compares nothing")
    return tree


def tell(frame: Frame, rng: Random, story: Story, slots: dict[str, object]) -> Told:
    """FRAME with fresh numbers. SLOTS has the people and things; the numbers are added to it.

    Raises ValueError when no numbers fit, which a table should not do often.
    """
    numbers = _numbers(frame, rng, story)
    name = rng.choice(list(frame.asks))
    asked = frame.asks[name]
    tree = rng.choice(asked.expressions)
    result = build(tree, numbers)
    money = next((kind == "$" for node, kind, _, _ in frame.draws if node == name), False)
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
    return Told(setting, sentences, question, result, pick(rng, asked.says, slots))


def _free(frame: Frame, needed: set[str], asked: str) -> set[str]:
    """Numbers that may be told without any part in the answer."""
    derived = frame.derived()
    return (
        {name for name, _, _, _ in frame.draws if name in frame.tells and name not in derived}
        - needed
        - {asked}
    )


def _templates(frame: Frame, rng: Random, wanted: set[str]) -> list[str]:
    """Sentences that tell WANTED: in the table's order, or mixed where the first does not lean on another."""
    keys = _cover(frame, rng, wanted)
    chosen = [rng.choice(frame.tells[key]) for key in keys]
    if frame.ordered or rng.random() < 0.6 or _LEANS.search(chosen[0]):
        order = sorted(range(len(keys)), key=lambda place: list(frame.tells).index(keys[place]))
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
    """Numbers that fit the frame's rules."""
    for _ in range(_TRIES):
        drawn = _attempt(frame, rng)
        if drawn is not None:
            return {name: _told(story, value, wordy) for name, (value, wordy) in drawn.items()}
    raise ValueError(f"{frame.name}: no numbers fit")


def _told(story: Story, value: Value | str, wordy: bool) -> Quantity:
    if isinstance(value, str) and "/" in value:
        over, _, under = value.partition("/")
        return story.fraction(int(over), int(under), spelt_fraction(story, int(over), int(under)))
    return story.tell(value, wordy=wordy)


def spelt_fraction(story: Story, over: int, under: int) -> str:
    """`3/4`, or in half of all stories `three quarters`, `四分之三`."""
    if story.rng.random() < 0.5:
        return f"{over}/{under}"
    if story.lang == "zh":
        return f"{han(under)}分之{han(over)}"
    if over == 1:
        return "half" if under == 2 else f"a {english_part(under, False)}"
    return f"{english(over)} {english_part(under, True)}"


def _attempt(frame: Frame, rng: Random) -> dict[str, tuple[Value | str, bool]] | None:
    values: dict[str, Quantity] = {}
    drawn: dict[str, tuple[Value | str, bool]] = {}
    for name, kind, rule, tree in frame.draws:
        if tree is None:
            value: Value | str = _ranged(rng, rule, kind)
        else:
            try:
                exact = build(tree, values).value
            except ZeroDivisionError:
                return None
            if exact <= 0 or not is_short(exact, 2) or (not kind and not isinstance(exact, int)):
                return None
            value = _cents(exact) if kind == "$" else exact if isinstance(exact, int) else shown(exact)
        drawn[name] = (value, not kind)
        values[name] = constant(value if isinstance(value, str) else int(value))
    for need in frame.needs:
        left, right = build(need.left, values).value, build(need.comparators[0], values).value
        if not _COMPARE[type(need.ops[0])](left, right):
            return None
    return drawn


def _cents(value: Value) -> Value | str:
    return value if isinstance(value, int) else f"{float(value):.2f}"


def _ranged(rng: Random, rule: str, kind: str) -> Value | str:
    """A number of a range; over wide ranges small numbers are as likely as large ones."""
    if "|" in rule:
        choice = rng.choice(rule.split("|"))
        return int(choice) if choice.isdigit() else choice
    if "~" in rule:
        low, _, high = rule.partition("~")
        tenths = rng.randint(round(float(low) * 10), round(float(high) * 10))
        return tenths // 10 if tenths % 10 == 0 else f"{tenths / 10:.1f}"
    span, _, step = rule.partition(":")
    bottom, top = (int(part) for part in span.split(".."))
    if step:
        return rng.randrange(bottom, top + 1, int(step))
    if kind == "$" and rng.random() < 0.35:
        return (
            f"{rng.randint(bottom, top)}.{rng.choice(('50', '25', '75', '20', '40', '80', '10', '99', '05'))}"
        )
    if top > 20 * bottom and rng.random() < 0.6:
        return int(math.exp(rng.uniform(math.log(bottom), math.log(top + 1))))
    return rng.randint(bottom, top)


def build(tree: ast.expr, numbers: Numbers) -> Quantity:
    """The quantity that TREE describes over NUMBERS. Raises ValueError for what no table should say."""
    if isinstance(tree, ast.Name):
        return numbers[tree.id]
    if isinstance(tree, ast.Constant):
        return constant(tree.value if isinstance(tree.value, int) else str(tree.value))
    if isinstance(tree, ast.BinOp):
        left, right = build(tree.left, numbers), build(tree.right, numbers)
        return _SIGNS[type(tree.op)](left, right)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id in ("up", "down"):
        whole, size = (build(argument, numbers) for argument in tree.args)
        return rounded_up(whole, size) if tree.func.id == "up" else rounded_down(whole, size)
    raise ValueError(f"a table cannot say {ast.dump(tree)}")
