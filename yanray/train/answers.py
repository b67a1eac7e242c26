"""What no tool's result says: that nothing fits, that a call failed, what the assistant can do."""

from __future__ import annotations

import random
from collections.abc import Sequence

from yanray.toolbox.spec import ToolSpec
from yanray.train.document import Language

_NONE = {
    "en": (
        "I have no tool for that.",
        "None of my tools does that.",
        "Sorry, I have no tool for that.",
        "I can't do that: none of my tools fits.",
        "That is not something my tools can do.",
        "I'm afraid I have nothing for that.",
        "I don't have a tool for that, so I can't help there.",
        "No tool of mine fits that, sorry.",
        "I can't do that with the tools I have.",
        "There is no tool here for that.",
    ),
    "zh": (
        "我没有能做这个的工具。",
        "抱歉，我没有合适的工具。",
        "这个我做不了，没有对应的工具。",
        "现有的工具都做不了这件事。",
        "不好意思，我这里没有能办这件事的工具。",
        "我手上的工具帮不上这个忙。",
        "没有合适的工具，这个我办不到。",
        "这件事我没法做，工具里没有这一项。",
    ),
}
_INSTEAD = {
    "en": (
        "What I do have: {a}, and {b}.",
        "I could do these things: {a}; {b}.",
        "My tools are for other things, such as: {a}.",
    ),
    "zh": ("我有的工具是：{a}；{b}。", "我能做的是：{a}。", "不过我可以：{a}；{b}。"),
}
_ABLE = {
    "en": (
        "Here is what my tools do: {list}. I can also just talk.",
        "With my tools: {list}.",
        "Quite a few things: {list}. Just ask.",
        "I can use these: {list}.",
    ),
    "zh": (
        "我的工具可以做这些：{list}。也可以随便聊聊。",
        "我能做的有：{list}。直接说就行。",
        "可以用的工具有：{list}。",
        "这些我都能做：{list}。",
    ),
}
_FAILED = {
    "en": (
        "That did not work: {why}.",
        "The tool reported an error: {why}.",
        "Sorry, that failed: {why}.",
        "It could not be done: {why}.",
    ),
    "zh": ("没有成功：{why}。", "工具报错了：{why}。", "抱歉，这次失败了：{why}。", "没办成：{why}。"),
}


def clause(summary: str) -> str:
    """A description as part of a sentence: no final stop, a small first letter unless it is `URL`."""
    summary = summary.strip().rstrip(".。")
    return summary if summary[:2].isupper() else summary[:1].lower() + summary[1:]


def none_fits(rng: random.Random, language: Language, specs: Sequence[ToolSpec]) -> str:
    """No tool fits; sometimes what two of the tools are for."""
    said = rng.choice(_NONE[language])
    told = [spec for spec in specs if spec.summary.isascii() == (language == "en")]
    if len(told) < 2 or rng.random() < 0.8:
        return said
    first, second = rng.sample(told, 2)
    instead = rng.choice(_INSTEAD[language])
    space = " " if language == "en" else ""
    return said + space + instead.format(a=clause(first.summary), b=clause(second.summary))


def able(rng: random.Random, language: Language, specs: Sequence[ToolSpec]) -> str:
    """What the assistant can do, read off its tool list: the first five tools at most."""
    shown = sorted(specs, key=lambda spec: spec.name)[:5]
    if rng.random() < 0.5 or any(spec.summary.isascii() != (language == "en") for spec in shown):
        listed = ("、" if language == "zh" else ", ").join(f"/{spec.name}" for spec in shown)
    else:
        listed = ("；" if language == "zh" else "; ").join(clause(spec.summary) for spec in shown)
    return rng.choice(_ABLE[language]).format(list=listed)


def failed(rng: random.Random, language: Language, why: str) -> str:
    """A call failed, and why."""
    return rng.choice(_FAILED[language]).format(why=clause(why))
