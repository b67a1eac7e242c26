"""Calls whose result is an error: mended and tried again when the error says how, else told plainly."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from yanray.train import answers, manner
from yanray.train.concepts import fill
from yanray.train.document import Exchange, Language, assistant, command, result, user
from yanray.train.toollists import Request, Tool, argument

_WHY = {
    "en": (
        "no connection",
        "the service did not answer within 10 seconds",
        "took longer than 10 s and was stopped",
        "not found",
        "nothing found",
        "access denied",
        "not set up yet",
        "the file is missing",
        "the device is offline",
        "too many requests, try again later",
        "the battery is empty",
        "it is busy",
        "no data for this",
        "closed today",
        "the lid is open",
        "no permission to do that",
    ),
    "zh": (
        "没有网络连接",
        "服务在 10 秒内没有响应",
        "超时了",
        "没有找到",
        "没有权限",
        "还没有设置好",
        "文件不存在",
        "设备离线",
        "请求太频繁，请稍后再试",
        "电量不足",
        "正忙",
        "没有相关数据",
        "今天不开放",
        "盖子没有关好",
    ),
}
_KNOWN = {
    "en": (
        "unknown {p} {v}; known are: {list}",
        "{v} is not known; write one of {list}",
        "no {p} called {v}. There are: {list}",
        "{p} must be one of {list}, not {v}",
    ),
    "zh": ("没有叫{v}的{p}，可选：{list}", "不认识{v}，请写以下之一：{list}", "{p}只能是：{list}"),
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


def marked(rng: random.Random, why: str) -> str:
    """WHY as a tool prints it: mostly bare, at times with a word before it."""
    return rng.choice(("", "", "", "error: ", "Error: ", "failed: ")) + why


def exchange(
    rng: random.Random, question: str, tool: Tool, asked: Request, line: str, language: Language
) -> Exchange:
    """QUESTION, the call, and an error: mended where that is possible in half of the cases."""
    pairs = tool.concept.results[language]
    if len(tool.concept.slots) == 1 and not tool.concept.slots[0].choices and line and pairs:
        if rng.random() < 0.5:
            return _mended(rng, question, tool, asked, line, language)
        if rng.random() < 0.3:
            return _not_there(rng, question, tool, line, language)
    why = rng.choice(_WHY[language if rng.random() < 0.5 else "en"])
    return _told(question, tool, line, marked(rng, why), answers.failed(rng, language, why))


def _told(question: str, tool: Tool, line: str, output: str, answer: str) -> Exchange:
    name = tool.spec.name
    return Exchange((user(question), command(name, line), result(name, output), assistant(answer)))


def _others(rng: random.Random, tool: Tool, language: Language, line: str, count: int) -> list[str]:
    """Other values of the tool's only slot."""
    values = [value for value, _ in tool.concept.slots[0].values[language] if value.lower() != line.lower()]
    return rng.sample(values, min(count, len(values)))


def _not_there(rng: random.Random, question: str, tool: Tool, line: str, language: Language) -> Exchange:
    """None of the values that the error names is what was asked for."""
    known = _others(rng, tool, language, line, 3)
    joint = ", " if language == "en" else "、"
    why = rng.choice(_KNOWN[language]).format(p=tool.spec.parameters[0].name, v=line, list=joint.join(known))
    says: tuple[str, ...] = (
        "There is no {v}; known are {l}.",
        "It does not know {v}, only {l}.",
        "{v} is not there. There is {l}.",
    )
    if language == "zh":
        says = ("没有{v}，只有{l}。", "找不到{v}，可选的有{l}。")
    answer = rng.choice(says).format(v=line, l=joint.join(known))
    return _told(question, tool, line, marked(rng, why), answer[0].upper() + answer[1:])


def _written(rng: random.Random, line: str) -> str:
    """LINE in a form that a strict tool might want."""
    forms: Sequence[Callable[[], str]] = (
        lambda: f"#{line}",
        lambda: line.upper(),
        lambda: f"{rng.choice(('ID', 'no', 'REF', 'P', 'X'))}-{line}",
        lambda: line.replace(" ", "-").lower(),
        lambda: line.replace(" ", "_").lower(),
        lambda: f"{line}@home",
    )
    return rng.choice(forms)()


def _mended(
    rng: random.Random, question: str, tool: Tool, asked: Request, line: str, language: Language
) -> Exchange:
    """The error says what to write, and the second call does."""
    name, parameter = tool.spec.name, tool.spec.parameters[0].name
    if rng.random() < 0.5:
        right = _written(rng, line)
        why = rng.choice(_FORM[language]).format(p=parameter, v=line, f=right)
    else:
        tails: tuple[str, ...] = (
            (" 2", " 1", " A", " (main)", " north", " centre")
            if language == "en"
            else ("一号", "二号", "A", "（主）", "北")
        )
        right = line + rng.choice(tails)
        known = [right, *_others(rng, tool, language, line, 2)]
        rng.shuffle(known)
        listed = (", " if language == "en" else "、").join(known)
        why = rng.choice(_KNOWN[language]).format(p=parameter, v=line, list=listed)
    values = {tool.concept.slots[0].name: right}
    output, answer = rng.choice(tool.concept.results[language])
    if right == line or "{" in fill(output + answer, values):
        return _not_there(rng, question, tool, line, language)
    return Exchange(
        (
            user(question),
            command(name, line),
            result(name, marked(rng, why)),
            command(name, argument(tool.concept.slots, values)),
            result(name, fill(output, values)),
            assistant(manner.sentence(answer, values)),
        )
    )
