"""Calls whose result is an error: mended and tried again when the error says how, else told plainly."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from yanray.train import answers, manner, meant
from yanray.train.concepts import fill
from yanray.train.document import Exchange, Language, assistant, command, result, user
from yanray.train.reasons import printed, reason
from yanray.train.toollists import Request, Tool, argument

_KNOWN = {
    "en": (
        "unknown {p} {v}; known are: {list}",
        "there is no {v}; known are {list}",
        "no such {p}: {v}. Known: {list}",
        "I know only these: {list}",
        "{v}? Choose from {list}",
        "{v} is not known; write one of {list}",
        "no {p} called {v}. There are: {list}",
        "{p} must be one of {list}, not {v}",
        "no {p} is named {v}; write one of: {list}",
        "{v} is not in the table, which has {list}",
    ),
    "zh": (
        "没有叫{v}的{p}，可选：{list}",
        "没有{v}；已知的有：{list}",
        "没有这个：{v}。已有：{list}",
        "只认得：{list}",
        "{v}不存在，请从{list}里选",
        "不认识{v}，请写以下之一：{list}",
        "{p}只能是：{list}",
        "这里没有登记{v}，只有：{list}",
        "查不到{v}，有的是{list}",
    ),
}
_FORM = {
    "en": (
        "write {p} as {f}",
        "{v} is not in the right form; write e.g. {f}",
        "{p} must look like {f}, not {v}",
        "bad {p}: write it as {f}",
    ),
    "zh": ("{p}要写成{f}", "格式不对，应写成{f}", "{v}的格式不对，请写{f}"),
}
_RANGE = {
    "en": (
        "{p} must be a whole number from {a} to {b}",
        "{v} is too much; at most {b}",
        "{p} can be {a} to {b}, not {v}",
        "only {a} to {b} are allowed",
        "the limit is {b}",
    ),
    "zh": ("{p}必须是{a}到{b}的整数", "{v}太大了，最多{b}", "{p}只能在{a}到{b}之间", "上限是{b}"),
}
_UNITS = {
    "en": ("minutes", "pieces", "people", "euros", "percent", "km", "nights", "times"),
    "zh": ("分钟", "个", "人", "元", "公里", "次", "天"),
}
_ABSENT = {
    "en": (
        "There is no {v}; known are {l}.",
        "It does not know {v}, only {l}.",
        "{v} is not there. There is {l}.",
        "No {v} there, only {l}.",
        "It knows {l}, but no {v}.",
        "I found no {v}. You could choose from {l}.",
    ),
    "zh": (
        "没有{v}，只有{l}。",
        "它只认得{l}，没有{v}。",
        "找不到{v}，可选的有{l}。",
        "里面没有{v}，有的是{l}。",
    ),
}
_WHEN = re.compile(r"[周月号天点年]|星期|day\b|\d")  # no thing of which there is a second


def exchange(
    rng: random.Random, question: str, tool: Tool, asked: Request, line: str, language: Language
) -> Exchange:
    """QUESTION, the call, and an error: mended where that is possible in half of the cases."""
    single = len(tool.concept.slots) == 1 and not tool.concept.slots[0].choices and bool(line)
    if single and tool.concept.results[language]:
        number = line.lstrip("-").replace(".", "").isdigit()
        if line.isdigit() and rng.random() < 0.75:
            return _number(rng, question, tool, line, language)
        if not number and rng.random() < 0.45 and (right := meant.other(rng, line)):
            return _known_as(rng, question, tool, (line, right), language)
        if not number and rng.random() < 0.5:
            return _mended(rng, question, tool, line, language)
        if not number and rng.random() < 0.5:
            return _not_there(rng, question, tool, line, language)
    why = reason(rng, _of_error(rng, language))
    return _told(question, tool, line, printed(rng, why, tool.spec.name), answers.failed(rng, language, why))


def _of_error(rng: random.Random, language: Language) -> Language:
    """The language of an error: one in four times not the user's."""
    return language if rng.random() < 0.75 else "zh" if language == "en" else "en"


def _complaint(rng: random.Random, parameter: str, wrong: str, known: list[str], language: Language) -> str:
    """An error that lists what is known."""
    written = _of_error(rng, language)
    joint = ", " if written == "en" else rng.choice(("、", "、", "，"))
    return rng.choice(_KNOWN[written]).format(p=parameter, v=wrong, list=joint.join(known))


def _known_as(
    rng: random.Random, question: str, tool: Tool, lines: tuple[str, str], language: Language
) -> Exchange:
    """The tool knows the first of LINES as the second, and says so among others."""
    wrong, right = lines
    count = rng.choice((1, 2, 2, 3, 4, 6))
    others = [each for each in _others(rng, tool, language, wrong, count) if each.lower() != right.lower()]
    if rng.random() < 0.5 or not others or right.isascii() != wrong.isascii():
        others = meant.listed(rng, right, wrong, count)
    known = [right, *others]
    rng.shuffle(known)
    why = _complaint(rng, tool.spec.parameters[0].name, wrong, known, language)
    return _retried(rng, question, tool, lines, why, language)


def _told(question: str, tool: Tool, line: str, output: str, answer: str) -> Exchange:
    name = tool.spec.name
    return Exchange((user(question), command(name, line), result(name, output), assistant(answer)))


def _others(rng: random.Random, tool: Tool, language: Language, line: str, count: int) -> list[str]:
    """Other values of the tool's only slot."""
    values = [value for _, value in tool.concept.slots[0].values[language] if value.lower() != line.lower()]
    return rng.sample(values, min(count, len(values)))


def _not_there(rng: random.Random, question: str, tool: Tool, line: str, language: Language) -> Exchange:
    """None of the values that the error names is what was asked for."""
    known = _others(rng, tool, language, line, rng.choice((2, 2, 3, 3, 4)))
    listed = (", " if language == "en" else "、").join(known)
    why = _complaint(rng, tool.spec.parameters[0].name, line, known, language)
    says = [say for say in _ABSENT[language] if not line.startswith("/") or not say.startswith("{v}")]
    answer = rng.choice(says).format(v=line, l=listed)
    return _told(question, tool, line, printed(rng, why, tool.spec.name), answer[0].upper() + answer[1:])


def _number(rng: random.Random, question: str, tool: Tool, line: str, language: Language) -> Exchange:
    """The number is out of bounds, which is told; or it came with its unit, which is left out then."""
    name, parameter, value = tool.spec.name, tool.spec.parameters[0].name, int(line)
    if value > 1 and rng.random() < 0.6:
        bounds = {"p": parameter, "v": line, "a": rng.choice((0, 1)), "b": rng.randint(1, value - 1)}
        why = rng.choice(_RANGE[language]).format(**bounds)
        return _told(question, tool, line, printed(rng, why, name), answers.failed(rng, language, why))
    wrong = f"{line}{' ' if language == 'en' else ''}{rng.choice(_UNITS[language])}"
    why = rng.choice(_RANGE[language][:1]).format(p=parameter, a=1, b=value * rng.randint(2, 5), v=wrong)
    return _retried(rng, question, tool, (wrong, line), why, language)


def _written(rng: random.Random, line: str) -> str:
    """LINE in a form that a strict tool might want."""
    forms: Sequence[Callable[[], str]] = (
        lambda: f"#{line}",
        lambda: line.upper(),
        lambda: line.title(),
        lambda: line.removeprefix("the ").capitalize(),
        lambda: f"{rng.choice(('ID', 'no', 'REF', 'P', 'X'))}-{line}",
        lambda: line.replace(" ", "-").lower(),
        lambda: line.replace(" ", "_").lower(),
        lambda: f"{line}@home",
    )
    return rng.choice(forms)()


def _mended(rng: random.Random, question: str, tool: Tool, line: str, language: Language) -> Exchange:
    """The error says what to write, and the second call does."""
    parameter = tool.spec.parameters[0].name
    right = _written(rng, line)
    if rng.random() < 0.4 or _WHEN.search(right):
        why = rng.choice(_FORM[language]).format(p=parameter, v=line, f=right)
    else:
        tails: tuple[str, ...] = (
            (" 2", " 1", " A", " (main)", " north", " centre")
            if language == "en"
            else ("一号", "二号", "A", "（主）", "北")
        )
        right = right if right != line and rng.random() < 0.5 else line + rng.choice(tails)
        known = [right, *_others(rng, tool, language, line, rng.choice((1, 2, 3)))]
        rng.shuffle(known)
        why = _complaint(rng, parameter, line, known, language)
    return _retried(rng, question, tool, (line, right), why, language)


def _retried(
    rng: random.Random, question: str, tool: Tool, lines: tuple[str, str], why: str, language: Language
) -> Exchange:
    """The first of LINES gives the error WHY, the second an answer."""
    name, (wrong, right) = tool.spec.name, lines
    values = {tool.concept.slots[0].name: right}
    output, answer = rng.choice(tool.concept.results[language])
    if right == wrong or "{" in fill(output + answer, values):
        return _not_there(rng, question, tool, wrong, language)
    return Exchange(
        (
            user(question),
            command(name, wrong),
            result(name, printed(rng, why, name)),
            command(name, argument(tool.concept.slots, values)),
            result(name, fill(output, values)),
            assistant(manner.sentence(answer, values)),
        )
    )
